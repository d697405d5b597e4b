import type { GraphQLSchema } from 'graphql';
import { builder } from './graphql/builder.ts';
import { readPagesInTime } from './graphql/limits/time.ts';
import './graphql/scalars.ts';
import './users/graphql.ts';
import './users/graphql-writing.ts';
import './auth/graphql.ts';
import './groups/graphql.ts';
import './conversations/graphql.ts';
import './conversations/graphql-settings.ts';
import './messages/graphql-types.ts';
import './messages/graphql-sending.ts';
import './messages/graphql-changing.ts';
import './messages/graphql-receipts.ts';
import './media/graphql.ts';
import './membership/graphql-groups.ts';
import './membership/graphql-members.ts';
import './calls/graphql.ts';
import './calls/graphql-calling.ts';
import './erasure/graphql.ts';
import './events/graphql.ts';
import './live/graphql.ts';

/** The whole schema, with what every slice adds to it. */
export const schema: GraphQLSchema = readPagesInTime(builder.toSchema());
