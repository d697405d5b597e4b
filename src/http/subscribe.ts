import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Services } from '../app.ts';
import { andThen } from '../awaitable.ts';
import { ChatError } from '../errors.ts';
import { createContext, createSharedContext } from '../graphql/context.ts';
import { causeOf, presentForSocket } from '../graphql/errors.ts';
import type { Execute } from '../graphql/execution/executor.ts';
import { BriefMap } from '../live/brief-map.ts';
import { factsOf } from '../live/document.ts';
import type { Share } from '../live/hub.ts';
import { type Sink, startListening } from '../live/listener.ts';
import { isKept, type Occurrence, type Rendered, render } from '../live/occurrence.ts';
import { type Listening, Source } from '../live/source.ts';
import type { Logger } from '../log.ts';
import type { Database } from '../store/handle.ts';
import { isOutage } from '../store/outage.ts';
import type { Streams } from './streams.ts';

const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  Connection: 'keep-alive',
  'Cache-Control': 'no-cache',
  'Content-Encoding': 'none',
};

interface Shared extends Share {
  members: number;
}

/** A started subscription. What Yoga takes it for, an iterable, nobody iterates. */
export interface Subscription extends AsyncIterable<ExecutionResult> {
  /** Sends the results there; gives what stops it. */
  attach(sink: Sink): () => void;
}

/** What an operation's context holds of the request that it came with, over HTTP. */
interface OverHttp {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

interface Options {
  readonly db: Database;
  readonly services: Services;
  readonly schema: GraphQLSchema;
  readonly execute: Execute;
  readonly streams: Streams;
  readonly log: Logger;
}

/**
 * What takes the place of graphql-js's `subscribe`. Subscriptions that select the same, with the same variables, share one execution and
 * one serialisation of each event, unless a field that they select depends on who asks: then those of one viewer do.
 */
export function createSubscriptions({ db, services, schema, execute, streams, log }: Options) {
  const shares = new Map<string, Shared>();

  /** The share of a subscription, made where it is the first; and what leaves it. */
  function join(args: ValidatedSubscriptionArgs, listening: Listening): { share: Share; leave: () => void } {
    const facts = factsOf(schema, args.document);
    const { viewer } = listening;
    const key = JSON.stringify(
      [
        facts.key,
        args.operation.name?.value,
        viewer.kind,
        facts.personal && viewer.kind === 'user' ? viewer.id : null,
        listening.key,
        // An object, as left out and null are not the same; coerced, as many forms are.
        Object.fromEntries(facts.variables.map((name) => [name, args.variableValues.coerced[name]])),
      ],
      sorted,
    );
    const share = shares.get(key) ?? createShare(args, listening, facts.personal);
    shares.set(key, share);
    share.members += 1;
    return {
      share,
      leave() {
        share.members -= 1;
        if (share.members === 0 && shares.get(key) === share) shares.delete(key);
      },
    };
  }

  function createShare(args: ValidatedSubscriptionArgs, { viewer, accepts }: Listening, personal: boolean): Shared {
    // Nothing of the subscriber who came first: their signal would end the execution for everybody.
    const { document, operation, rawVariableValues: variableValues } = args;
    const asked = { document, operationName: operation.name?.value, variableValues };
    const context = () => (personal ? createContext(services, viewer) : createSharedContext(services));
    const again = new BriefMap<string | Occurrence, ReturnType<Share['render']>>(db.commits); // for those who catch up together

    function executeFor(occurrence: Occurrence) {
      const done = (result: ExecutionResult): Rendered | undefined => {
        const shown = presentForSocket(result, { requestId: `event ${occurrence.cursor}` }, log);
        return result.errors?.map(causeOf).some(isOutage) ? undefined : render(occurrence, unplaced(shown));
      };
      const failed = (error: unknown) =>
        done({ data: null, errors: [new GraphQLError('Internal server error', { originalError: error as Error })] });
      try {
        const result = execute({ ...asked, rootValue: occurrence, contextValue: context() });
        return result instanceof Promise ? result.then(done).catch(failed) : done(result);
      } catch (error) {
        return failed(error);
      }
    }

    return {
      members: 0,
      accepts,
      render: executeFor,
      renderAgain(occurrence) {
        const { kind, cursor, messageId } = occurrence;
        if (kind === 'RESYNC_REQUIRED') return executeFor(occurrence); // its cursor is that of the event before
        const name = isKept(occurrence) ? cursor || `message ${messageId}` : occurrence;
        const made = again.get(name) ?? executeFor(occurrence);
        again.set(name, made);
        void andThen(made, (rendered) => rendered ?? again.delete(name));
        return made;
      },
    };
  }

  const started = new WeakMap<object, Subscription>();
  const streamed = new WeakMap<IncomingMessage, () => Readable>();

  async function subscribe(args: ExecutionArgs): Promise<Subscription | ExecutionResult> {
    const valid = validateSubscriptionArgs(args);
    if (!('schema' in valid)) return { errors: valid };
    const stream = await createSourceEventStream(valid);
    if (!(Symbol.asyncIterator in stream)) {
      const outage = stream.errors?.map(causeOf).find(isOutage);
      if (outage) throw outage; // the subscription is not refused
      return stream;
    }
    if (!(stream instanceof Source)) throw new Error('a subscription must give a Source');
    const { listening } = stream;
    const attach = (sink: Sink) => {
      const { share, leave } = join(valid, listening);
      return startListening(services.live, share, listening, sink, { refused: noLonger, over: leave });
    };
    const { req, res } = args.contextValue as Partial<OverHttp>;
    const subscription = { attach, async *[Symbol.asyncIterator]() {} };
    started.set(args.contextValue as object, subscription);
    if (req && res) streamed.set(req, () => streams.open(attach, req, res));
    return subscription;
  }

  /** Sends server-sent events in our own stream: Yoga's encodes each result anew for each reader. */
  const useStreams: Plugin<object, OverHttp> = {
    onResultProcess({ serverContext, resultProcessor, setResultProcessor }) {
      const open = streamed.get(serverContext.req);
      if (!open || !resultProcessor) return; // without one, the client accepts no event stream
      const process: typeof resultProcessor = (_result, { Response }) =>
        new Response(open() as unknown as BodyInit, { headers: STREAM_HEADERS });
      setResultProcessor(process, STREAM_HEADERS['Content-Type']);
    },
  };

  return {
    subscribe,
    useStreams,
    /** What was started in a context: plugins of Yoga give an iterable of their own instead. */
    startedIn: (context: object): Subscription | undefined => started.get(context),
  };
}

export type Subscriptions = ReturnType<typeof createSubscriptions>;

const noLonger = () => new ChatError('ERR_GROUP_NOT_JOINED', 'You are no longer a member of the group.');

/** The result without the places of its errors in a document that others, who share it, have written differently. */
function unplaced(result: ExecutionResult): object {
  if (!result.errors) return result;
  return { ...result, errors: result.errors.map(({ message, path, extensions }) => ({ message, path, extensions })) };
}

/** JSON with the keys of objects in order, so that equal values are equal texts. */
const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
