import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Services } from '../app.ts';
import type { Auth } from '../auth/service.ts';
import { presentForSocket } from '../graphql/errors.ts';
import type { Sink } from '../live/listener.ts';
import type { Logger } from '../log.ts';
import { isOutage } from '../store/outage.ts';
import { createSocketSession } from './socket-session.ts';
import { createStream } from './stream.ts';

interface Options {
  readonly services: Services;
  readonly auth: Pick<Auth, 'look' | 'signIn'>;
  readonly log: Logger;
}

type Attach = (sink: Sink) => () => void;

/** The subscriptions that are read as server-sent events. */
export function createStreams({ services, auth, log }: Options) {
  const streams = new Set<ServerResponse>();

  const present = (error: Error): ExecutionResult =>
    presentForSocket(
      { errors: [new GraphQLError('Internal server error', { originalError: error })] },
      { requestId: 'event stream' },
      log,
    );

  /** A stream ends, as a socket does, when what its request signed in with holds no longer. */
  function attachSignedIn(attach: Attach, sink: Sink, { headers }: IncomingMessage, response: ServerResponse) {
    const actAs = headers['x-act-as'];
    const end = (error?: Error) => {
      stop();
      sink.end(error);
    };
    const fail = (error: unknown) => (isOutage(error) ? sink.interrupt() : end(error as Error));
    const session = createSocketSession({
      headers: { authorization: headers.authorization, actAs: Array.isArray(actAs) ? actAs[0] : actAs },
      auth,
      services: { live: services.live, presence: NOT_COUNTED },
      refuse: end,
      fail,
    });
    const detach = attach({ ...sink, end });
    const stop = () => {
      streams.delete(response);
      session.end();
      detach();
    };
    streams.add(response);
    session.begin().catch(fail);
    return stop;
  }

  return {
    /** The results, once they are read, until the response that carries them is closed. */
    open: (attach: Attach, request: IncomingMessage, response: ServerResponse): Readable =>
      createStream({ attach: (sink) => attachSignedIn(attach, sink, request, response), present, response }),
    /** Breaks off every stream: a client that was told of an end would not come back. */
    close() {
      for (const response of [...streams]) response.destroy();
    },
  };
}

export type Streams = ReturnType<typeof createStreams>;

/** Who listens by server-sent events alone is not online: a socket makes them so. */
const NOT_COUNTED = { connect: () => () => {} };
