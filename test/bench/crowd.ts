import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '../../src/store/open.ts';
import { seed } from '../support/seed.ts';
import { type Counted, EVENTS, KEY, type Order, type ServerOrder } from './crowd-orders.ts';

/** A database with a group of so many. */
export async function makeCrowd(file: string, members: number): Promise<void> {
  const uids = Array.from({ length: members }, (_, n) => `member-${n}`);
  const [createdAt, joinedAt] = [1_700_000_000, 1_700_000_000];
  const db = await openDatabase(file, 'write');
  await seed(db, [
    ...uids.map((uid) => ({ kind: 'user', value: { uid, name: `Member ${uid}` } })),
    { kind: 'group', value: { guid: 'crowd', name: 'Crowd', type: 'public', owner: 'member-0', createdAt } },
    ...uids.map((uid) => ({ kind: 'groupMember', value: { guid: 'crowd', uid, scope: 'participant', joinedAt } })),
  ]);
  await db.close();
}

const BODY = JSON.stringify({
  query:
    'mutation { sendTextMessage(input: { receiverType: GROUP, receiverId: "crowd", text: "The quick brown fox" }) { message { id } } }',
});
const SEND = [
  'POST /graphql HTTP/1.1',
  'Host: 127.0.0.1',
  'Content-Type: application/json',
  `Authorization: Bearer ${KEY}`,
  'X-Act-As: member-0',
  `Content-Length: ${BODY.length}`,
  '',
  BODY,
].join('\r\n');
const SENDERS = 8; // of whom one sends that waits for no answer, as a rule the first

const now = () => Number(process.hrtime.bigint()) / 1e6; // of all processes

let copies = 0;

/** A program that does what it is ordered, and answers. */
class Program {
  readonly child: ChildProcess;
  constructor(file: string, args: readonly string[] = []) {
    this.child = fork(join(import.meta.dirname, file), args, { execArgv: ['--expose-gc'] });
  }
  answer<T>(): Promise<T> {
    return new Promise((resolve, reject) => {
      const exit = () => reject(new Error('a program of the benchmark ended'));
      this.child.once('exit', exit);
      const take = (message: { done?: T } | 'all') => {
        if (message === 'all') return;
        this.child.off('message', take).off('exit', exit);
        resolve(message.done as T);
      };
      this.child.on('message', take);
    });
  }
  /** Resolves once it says that all it counts has come. */
  all(): Promise<void> {
    return new Promise((resolve) => {
      const take = (message: unknown) => {
        if (message !== 'all') return;
        this.child.off('message', take);
        resolve();
      };
      this.child.on('message', take);
    });
  }
  async stop() {
    const gone = once(this.child, 'exit');
    this.child.disconnect();
    await gone;
  }
}

/** Sends texts to the group over a connection of its own. It knows of HTTP only what it needs: Node's client takes longer than the server. */
class Sender {
  readonly #socket: Socket;
  #answers: (() => void)[] = [];
  #fail: (error: Error) => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      const answer = bytes.toString('latin1');
      if (!answer.startsWith('HTTP/1.1 200 ') || answer.includes('"errors":')) this.#fail(new Error(answer));
      else this.#answers.shift()?.();
    });
    socket.on('error', (error) => this.#fail(error));
  }

  static async connect(port: number): Promise<Sender> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Sender(socket);
  }

  get idle(): boolean {
    return this.#answers.length === 0;
  }

  /** Resolves once the text is answered. */
  send(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answers.push(resolve);
      this.#fail = reject;
      this.#socket.write(SEND);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** A server with so many sockets, each somebody's of the crowd. */
export class Crowd {
  readonly server: Program;
  readonly load: Program;
  readonly sockets: number;
  readonly port: number;
  private constructor(server: Program, load: Program, sockets: number, port: number) {
    [this.server, this.load, this.sockets, this.port] = [server, load, sockets, port];
  }

  /** Starts one on a copy of the database. */
  static async start(kind: string, database: string, sockets: number): Promise<Crowd> {
    const crowd = await Crowd.launch(kind, database, sockets);
    await crowd.order({ do: 'connect', port: crowd.port, sockets, params: { authorization: `Bearer ${KEY}` } });
    return crowd;
  }

  private static async launch(kind: string, database: string, sockets: number): Promise<Crowd> {
    const copy = `${database}-${kind}-${sockets}-${copies++}`;
    cpSync(database, copy);
    const server = new Program('fanout-server.ts', [kind, copy]);
    const port = await server.answer<number>();
    const crowd = new Crowd(server, new Program('crowd-load.ts'), sockets, port);
    crowd.before = await crowd.memory();
    return crowd;
  }

  /** What the server took before anybody had connected. */
  before = { rss: 0, heap: 0 };

  order(order: Order): Promise<unknown> {
    this.load.child.send(order);
    return this.load.answer();
  }

  /** Starts one on a copy of the database whose clients, so many, read server-sent events. */
  static async startStreams(database: string, streams: number): Promise<Crowd> {
    const crowd = await Crowd.launch('parley', database, streams);
    const headers = { authorization: `Bearer ${KEY}` };
    await crowd.order({ do: 'stream', port: crowd.port, streams, headers, query: EVENTS });
    await crowd.heard();
    return crowd;
  }

  /** Subscribes every socket, and waits until all are heard. */
  async subscribe(uuid = false): Promise<void> {
    await this.order({ do: 'subscribe', query: EVENTS, uuid });
    await this.heard();
  }

  private async heard(): Promise<void> {
    while ((await this.ask<number>({ do: 'listeners' })) < this.sockets) await wait(50);
    await wait(500);
  }

  /** Subscribes every socket anew, from a cursor on. */
  async resubscribe(after: string): Promise<void> {
    await this.order({ do: 'subscribe', query: EVENTS, variables: { after }, uuid: false });
  }

  /** The server's processor time, in µs. */
  async cpu(): Promise<number> {
    const { user, system } = await this.ask<NodeJS.CpuUsage>({ do: 'cpu' });
    return user + system;
  }

  /** Sends texts to the group over HTTP, so many ms apart, and waits until every socket has each. */
  async send(times: number, gap: number): Promise<Counted> {
    await this.order({ do: 'count', frames: this.sockets * times });
    const all = this.load.all();
    const senders = await Promise.all(Array.from({ length: SENDERS }, () => Sender.connect(this.port)));
    const sent: number[] = [];
    const answers: Promise<void>[] = [];
    const start = now();
    for (let n = 0; n < times; n++) {
      await wait(Math.max(0, start + n * gap - now()));
      sent.push(now());
      answers.push((senders.find(({ idle }) => idle) ?? (senders[n % SENDERS] as Sender)).send());
    }
    await Promise.all(answers);
    await all;
    for (const sender of senders) sender.close();
    return (await this.order({ do: 'counted', since: sent })) as Counted;
  }

  ask<T>(order: ServerOrder): Promise<T> {
    this.server.child.send(order);
    return this.server.answer<T>();
  }

  memory = (): Promise<{ rss: number; heap: number }> => this.ask({ do: 'memory' });

  /** Has something told, and waits until every socket has it. Gives also what processor time the server took, in µs. */
  async tell(
    times: number,
    gap: number,
    uuid = false,
  ): Promise<Counted & { readonly took: number; readonly cpu: number }> {
    await this.order({ do: 'count', frames: this.sockets * times });
    const all = this.load.all();
    const before = await this.cpu();
    const told = await this.ask<number[]>({ do: 'tell', times, gap, uuid });
    await all;
    const cpu = (await this.cpu()) - before;
    const counted = (await this.order({ do: 'counted', since: told })) as Counted;
    return { ...counted, took: counted.at - (told[0] ?? 0), cpu };
  }

  async stop() {
    await this.load.stop();
    await this.server.stop();
  }
}
