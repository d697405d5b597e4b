import type { WebSocket } from 'ws';
import type { Services } from '../app.ts';
import type { Auth, Credentials, Session } from '../auth/service.ts';
import { now } from '../clock.ts';
import { ChatError } from '../errors.ts';
import { badField } from '../input.ts';
import type { OpenSession } from '../live/sessions.ts';
import type { Viewer } from '../viewer.ts';

const FORBIDDEN = 4403;
const REASON_BYTES_MAX = 123; // of a close frame (RFC 6455, section 5.5)
const TIMER_MS_MAX = 2 ** 31 - 1; // a longer one would fire at once

/** Who is signed in on a socket, until the credential they showed expires, is revoked, or is renewed. */
export interface SocketSession extends OpenSession {
  readonly viewer: Viewer | undefined;
  /** Signs in with what `connection_init` holds, or else the upgrade's headers. False where that is not accepted: the socket is closed. */
  begin(params: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** Goes on with another token of the same user. Gives when it expires, in seconds since 1970; null for never. */
  renew(authToken: string): Promise<number | null>;
  /** The socket is closed. */
  end(): void;
}

interface Options {
  readonly socket: WebSocket;
  readonly headers: Credentials;
  readonly signIn: Auth['signIn'];
  readonly services: Services;
}

/** A socket's session, on which nobody has signed in yet. */
export function createSocketSession({ socket, headers, signIn, services }: Options): SocketSession {
  const { presence, live } = services;
  let credentials = headers;
  let session: Session | undefined;
  let timer: NodeJS.Timeout | undefined;
  let leave = () => {};

  const refuse = (error: unknown) => {
    if (!(error instanceof ChatError)) throw error;
    socket.close(FORBIDDEN, reasonOf(error));
  };

  function expireAt(expiresAt: number | null) {
    clearTimeout(timer);
    if (expiresAt === null) return;
    const wait = Math.max(0, expiresAt * 1000 - Date.now());
    timer = setTimeout(() => (now() >= expiresAt ? recheck() : expireAt(expiresAt)), Math.min(wait, TIMER_MS_MAX));
  }

  async function recheck() {
    try {
      session = await signIn(credentials);
      expireAt(session?.expiresAt ?? null);
    } catch (error) {
      refuse(error);
    }
  }

  const own: SocketSession = {
    get viewer() {
      return session?.viewer;
    },

    async begin(params) {
      const given = credentialsOf(params);
      credentials = {
        authorization: given.authorization ?? headers.authorization,
        actAs: given.actAs ?? headers.actAs,
      };
      try {
        session = await signIn(credentials);
      } catch (error) {
        refuse(error);
        return false;
      }
      if (socket.readyState !== socket.OPEN) return false;
      expireAt(session?.expiresAt ?? null);
      if (session?.viewer.kind === 'user') {
        const { id } = session.viewer;
        const disconnect = presence.connect(id);
        live.sessions.add(id, own);
        await live.pump.place(); // from here on it hears what the log says of its user
        leave = () => {
          live.sessions.remove(id, own);
          disconnect();
        };
      }
      return true;
    },

    async renew(authToken) {
      const renewed = { authorization: `Bearer ${authToken}`, actAs: undefined };
      const next = await signIn(renewed);
      if (
        !session ||
        next?.viewer.kind !== 'user' ||
        session.viewer.kind !== 'user' ||
        next.viewer.id !== session.viewer.id
      ) {
        throw badField('authToken', 'is of somebody else: a socket stays with who opened it');
      }
      [credentials, session] = [renewed, next];
      expireAt(next.expiresAt);
      return next.expiresAt;
    },

    recheck: () => void recheck(),

    end() {
      clearTimeout(timer);
      leave();
    },
  };
  return own;
}

/** `connectionParams` as headers would say it, their names in whatever case. */
function credentialsOf(params: Readonly<Record<string, unknown>>): Credentials {
  const given = new Map(Object.entries(params).map(([name, value]) => [name.toLowerCase(), value]));
  const textOf = (name: string) => {
    const value = given.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  return { authorization: textOf('authorization'), actAs: textOf('x-act-as') };
}

function reasonOf({ code, message }: ChatError): string {
  const reason = `${code}: ${message}`;
  return Buffer.byteLength(reason) <= REASON_BYTES_MAX ? reason : code;
}
