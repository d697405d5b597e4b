import { setTimeout as wait } from 'node:timers/promises';
import type { Services } from '../app.ts';
import type { Auth, Credentials, Session } from '../auth/service.ts';
import { now, systemClock } from '../clock.ts';
import { ChatError } from '../errors.ts';
import { badField } from '../input.ts';
import type { OpenSession } from '../live/sessions.ts';
import type { Viewer } from '../viewer.ts';

const CHECK_MS_MAX = 3_000;

/** Who is signed in on a connection, until the credential they showed expires, is revoked, or is renewed. */
export interface SocketSession extends OpenSession {
  readonly viewer: Viewer | undefined;
  /** Signs in with what `connection_init` holds, or else the upgrade's headers. False where that is not accepted: `refuse` was told. */
  begin(params?: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** Goes on with another token of the same user. Gives when it expires, in seconds since 1970; null for never. */
  renew(authToken: string): Promise<number | null>;
  /** The connection is closed. */
  end(): void;
}

interface Options {
  readonly headers: Credentials;
  readonly auth: Pick<Auth, 'look' | 'signIn'>;
  readonly services: {
    readonly live: Pick<Services['live'], 'sessions' | 'pump'>;
    readonly presence: Pick<Services['presence'], 'connect'>;
  };
  /** Ends the connection: what it was opened with is not accepted, or no longer. */
  readonly refuse: (error: ChatError) => void;
  /** Hears of what kept a credential from being looked at again. The connection is ended. */
  readonly fail: (error: unknown) => void;
}

/** A connection's session, on which nobody has signed in yet. */
export function createSocketSession({ headers, auth, services, refuse, fail }: Options): SocketSession {
  const { presence, live } = services;
  let credentials = headers;
  let session: Session | undefined;
  let callOff: (() => void) | undefined;
  let leave: (() => void) | undefined;
  let over = false;
  let checking = false;
  let doubts = 0; // how often what the credentials say may have changed

  /** Who the credentials say is there, by what holds at the end of asking: they may be revoked meanwhile. */
  async function ask(given: Credentials): Promise<Session | undefined> {
    for (;;) {
      const before = doubts;
      const found = await auth.look(given);
      if (before === doubts) return found;
    }
  }

  function expireAt(expiresAt: number | null) {
    callOff?.();
    if (expiresAt === null || over) return;
    callOff = systemClock.at(expiresAt, () => (now() >= expiresAt ? recheck() : expireAt(expiresAt)));
  }

  function recheck() {
    doubts += 1;
    if (!session || checking) return; // what is asked now is asked again
    const asked = credentials;
    checking = true;
    inTime(check(asked))
      .catch(fail)
      .finally(() => {
        checking = false;
        if (asked !== credentials && !over) recheck(); // renewed meanwhile
      });
  }

  async function check(asked: Credentials) {
    try {
      const found = await ask(asked);
      if (asked !== credentials || over) return; // renewed meanwhile, with what was found to hold
      session = found;
      expireAt(found?.expiresAt ?? null);
    } catch (error) {
      if (asked !== credentials || over) return;
      if (!(error instanceof ChatError)) throw error;
      refuse(error);
    }
  }

  /** From here on hears what the log says of the user. */
  async function enter(userId: number) {
    const disconnect = presence.connect(userId);
    live.sessions.add(userId, own);
    leave = () => {
      live.sessions.remove(userId, own);
      disconnect();
    };
    await live.pump.at(() => {});
  }

  const own: SocketSession = {
    get viewer() {
      return session?.viewer;
    },

    async begin(params = {}) {
      const given = credentialsOf(params);
      credentials = {
        authorization: given.authorization ?? headers.authorization,
        actAs: given.actAs ?? headers.actAs,
      };
      try {
        session = await auth.signIn(credentials);
        if (over) return false;
        if (session?.viewer.kind === 'user') {
          await enter(session.viewer.id);
          session = await ask(credentials); // what was revoked before it was heard of
        }
      } catch (error) {
        if (over) return false;
        if (!(error instanceof ChatError)) throw error;
        refuse(error);
        return false;
      }
      if (over) return false;
      expireAt(session?.expiresAt ?? null);
      return true;
    },

    async renew(authToken) {
      const renewed = { authorization: `Bearer ${authToken}`, actAs: undefined };
      const next = await ask(renewed);
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

    recheck,

    end() {
      if (over) return;
      over = true;
      callOff?.();
      leave?.();
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

/** Fails where a doubt is not settled soon: until it is, who may have lost their right goes on to hear. */
async function inTime(checked: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const late = wait(CHECK_MS_MAX, undefined, { signal: timer.signal }).then(() => {
    throw Object.assign(new Error('who is signed in could not be read in time'), { code: 'ETIMEDOUT' });
  });
  try {
    await Promise.race([checked, late]);
  } finally {
    timer.abort();
  }
}
