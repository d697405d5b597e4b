import type { GraphQLField } from 'graphql';

/** Whether a field gives a page of a list. */
export const isPage = ({ args }: Pick<GraphQLField<unknown, unknown>, 'args'>): boolean =>
  args.some(({ name }) => name === 'first');
