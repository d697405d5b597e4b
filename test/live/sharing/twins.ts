import {
  createSourceEventStream,
  type ExecutionResult,
  executeSubscriptionEvent,
  parse,
  validateSubscriptionArgs,
} from 'graphql';
import type { Services } from '../../../src/app.ts';
import { andThen } from '../../../src/awaitable.ts';
import { createContext } from '../../../src/graphql/context.ts';
import { presentForSocket } from '../../../src/graphql/errors.ts';
import type { Share } from '../../../src/live/hub.ts';
import { startListening } from '../../../src/live/listener.ts';
import { type Occurrence, render } from '../../../src/live/occurrence.ts';
import { Source } from '../../../src/live/source.ts';
import { createLog } from '../../../src/log.ts';
import { schema } from '../../../src/schema.ts';
import type { Viewer } from '../../../src/viewer.ts';
import type { Asked } from './documents.ts';

/** What a subscription was told, each as the text of its result; at last how it ended. */
export interface Told {
  readonly results: string[];
  stop(): void;
}

const log = createLog('silent');
const AS_IT_ENDED = 'ended: ';

/** How the end of a subscription is written among its results. */
export const ending = (errors: readonly { extensions?: { code?: unknown } }[] = []): string =>
  AS_IT_ENDED + errors.map(({ extensions }) => extensions?.code).join();

/**
 * A subscription that shares nothing: every occurrence is executed for it alone, with a context of its viewer made for that. What
 * it is told at the same time is what the socket's is to be told.
 */
export async function startTwin(services: Services, viewer: Viewer, asked: Asked): Promise<Told> {
  const results: string[] = [];
  const args = {
    schema,
    document: parse(asked.query),
    operationName: asked.operationName,
    variableValues: asked.variables,
    contextValue: createContext(services, viewer),
  };
  const valid = validateSubscriptionArgs(args);
  if (!('schema' in valid)) throw new Error(`the test asks what can't be: ${valid.join()}`);
  const stream = await createSourceEventStream(valid);
  if (!(stream instanceof Source)) {
    const { errors = [] } = presentForSocket(stream as ExecutionResult, { requestId: '' }, log);
    return { results: [JSON.stringify({ errors: errors.map(shown) }), ending()], stop() {} };
  }
  const execute = (one: Occurrence) => {
    const contextValue = createContext(services, viewer);
    const result = executeSubscriptionEvent({ ...valid, rootValue: one, contextValue });
    return andThen(result, (done) => render(one, presentForSocket(done, { requestId: `event ${one.cursor}` }, log)));
  };
  const { listening } = stream;
  const share: Share = { accepts: (one) => listening.accepts(one), render: execute, renderAgain: execute };
  const stop = startListening(
    services.live,
    share,
    listening,
    {
      send: (batch) => void results.push(...batch.results.map(({ json }) => json.toString())),
      room: () => undefined,
      interrupt: () => void results.push('interrupted'),
      end: (error) =>
        void results.push(ending(error ? [{ extensions: { code: (error as { code?: string }).code } }] : [])),
    },
    { refused: () => Object.assign(new Error(), { code: 'ERR_GROUP_NOT_JOINED' }), over() {} },
  );
  return { results, stop };
}

const shown = ({ message, path, extensions }: { message: string; path?: unknown; extensions: object }) => ({
  message,
  path,
  extensions,
});

/** A result so that equal ones are equal texts: without what moves on by itself, and where in a document an error stands. */
export function comparable(result: string): string {
  if (result.startsWith(AS_IT_ENDED)) return result;
  return JSON.stringify(JSON.parse(result), (key, value) =>
    key === 'lastActiveAt' || key === 'locations' ? undefined : value,
  );
}
