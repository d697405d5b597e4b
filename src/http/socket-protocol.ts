import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import { GraphQLError } from 'graphql';
import { parseMessage } from 'graphql-ws';
import { ChatError } from '../errors.ts';
import { presentForSocket } from '../graphql/errors.ts';
import type { Logger } from '../log.ts';
import { isOutage } from '../store/outage.ts';
import { CLOSE_CODES } from './close-codes.ts';
import { createRate } from './rate.ts';
import { type Asked, NotRun, type Run } from './socket-operations.ts';
import type { SocketSession } from './socket-session.ts';
import { closeFor, isWritable, SocketSink, type Wire } from './socket-sink.ts';
import type { Subscription } from './subscribe.ts';

const INIT_MS_MAX = 5_000;
const ID_MAX = 128; // characters; a UUID has 36. Every result repeats it

/** What one socket may ask for. */
export interface SocketLimits {
  /** Operations at once. */
  readonly operations: number;
  /** Messages a second, pings counted in. */
  readonly messages: number;
}

interface Options {
  readonly wire: Wire;
  readonly session: SocketSession;
  readonly run: Run;
  readonly limits: SocketLimits;
  readonly requestId: string;
  readonly log: Logger;
}

/** What a socket is talked with. */
export interface Conversation {
  /** Takes a message. */
  take(text: string): void;
  /** Answers a ping of WebSocket's own. */
  pong(data: Buffer): void;
  /** Ends every operation: nothing is sent any more. */
  end(): void;
}

interface Operation {
  stop?: () => void;
}

/**
 * The server's side of graphql-transport-ws on one socket. It is our own, and not graphql-ws's, which knows an operation by its id
 * alone: where one is completed while it still starts, and the id used again, that would mix up the two.
 */
export function converse({ wire, session, run, limits, requestId, log }: Options): Conversation {
  const { socket, close } = wire;
  const operations = new Map<string, Operation>();
  const rate = createRate(limits.messages);
  let running = 0; // also what was completed and still runs
  let state: 'new' | 'signing in' | 'ready' | 'over' = 'new';
  const timer = setTimeout(async () => {
    // Where the process was held up, a timer is due before what has come meanwhile is read, in this turn, and heard of, in the next.
    await nextTurn();
    await nextTurn();
    if (state === 'new') close(CLOSE_CODES.initTooLate, `connection_init took longer than ${INIT_MS_MAX / 1000} s`);
  }, INIT_MS_MAX);

  const send = (message: object) => {
    if (isWritable(wire)) socket.send(JSON.stringify(message));
  };

  async function begin(params: Record<string, unknown>) {
    if (state !== 'new') return close(CLOSE_CODES.tooMany, 'connection_init came twice');
    state = 'signing in';
    clearTimeout(timer);
    try {
      if (!(await session.begin(params)) || isOver()) return undefined;
      state = 'ready';
      return send({ type: 'connection_ack' });
    } catch (error) {
      return closeFor(error, wire, log, requestId);
    }
  }

  async function start(id: string, asked: Asked) {
    const operation: Operation = {};
    const isCurrent = () => operations.get(id) === operation;
    const finish = (...messages: object[]) => {
      if (!isCurrent()) return;
      operations.delete(id);
      for (const message of messages) send(message);
    };
    const fail = (errors: readonly unknown[]) => {
      const shown = presentForSocket({ errors: errors.map(asGraphQLError) }, { requestId }, log).errors;
      finish({ id, type: 'error', payload: shown });
    };
    operations.set(id, operation);
    if (running >= limits.operations) return fail([tooMany(limits.operations)]);
    running += 1;
    try {
      const result = await run(asked, { session, requestId });
      if (!('attach' in result)) {
        const payload = presentForSocket(result as ExecutionResult, { requestId }, log);
        finish({ id, type: 'next', payload }, { id, type: 'complete' });
      } else if (isCurrent()) {
        running += 1; // until it is stopped
        operation.stop = listen(result);
      }
    } catch (error) {
      if (isOutage(error))
        closeFor(error, wire, log, requestId); // a client that is told of an error does not come back
      else fail(error instanceof NotRun ? error.errors : [error]);
    } finally {
      running -= 1;
    }
    return undefined;

    function listen(subscription: Subscription): () => void {
      let over = false;
      const release = () => {
        if (!over) running -= 1;
        over = true;
      };
      const end = (error?: Error) => {
        release();
        if (error) fail([error]);
        else finish({ id, type: 'complete' });
      };
      const stop = subscription.attach(new SocketSink(wire, id, end));
      return () => {
        release();
        stop();
      };
    }
  }

  function answer(message: ReturnType<typeof parseMessage>): unknown {
    switch (message.type) {
      case 'connection_init':
        return begin(message.payload ?? {});
      case 'ping':
        return send({ type: 'pong', ...(message.payload && { payload: message.payload }) });
      case 'pong':
        return undefined;
      case 'subscribe': {
        const { id, payload } = message;
        if (state !== 'ready') return close(CLOSE_CODES.notSignedIn, 'connection_init comes first');
        if (id.length > ID_MAX) return close(CLOSE_CODES.badMessage, `An id has ${ID_MAX} characters at the most`);
        if (operations.has(id)) return close(CLOSE_CODES.idInUse, 'An operation with this id is under way');
        return start(id, payload);
      }
      case 'complete': {
        const operation = operations.get(message.id);
        operations.delete(message.id);
        return operation?.stop?.();
      }
      default:
        return close(CLOSE_CODES.badMessage, 'Only a server sends messages of this type');
    }
  }

  /** Counts what the client sends; too much of it closes the socket. */
  function mayCome(): boolean {
    if (isOver()) return false;
    if (rate.pass()) return true;
    close(CLOSE_CODES.tooMany, `More than ${limits.messages} messages a second`);
    return false;
  }

  const isOver = () => state === 'over';

  return {
    take(text) {
      if (!mayCome()) return;
      try {
        void answer(parseMessage(text));
      } catch {
        close(CLOSE_CODES.badMessage, 'This is no message of graphql-transport-ws');
      }
    },
    pong(data) {
      if (mayCome() && isWritable(wire)) socket.pong(data);
    },
    end() {
      state = 'over';
      clearTimeout(timer);
      const all = [...operations.values()];
      operations.clear();
      for (const { stop } of all) stop?.();
    },
  };
}

const tooMany = (max: number) =>
  new ChatError('ERR_LIMIT_EXCEEDED', `${max} operations are under way on this socket: no more at once.`);

/** An error as presenting takes it. */
const asGraphQLError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError ? error : new GraphQLError('Internal server error', { originalError: error as Error });
