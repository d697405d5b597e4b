/** What the benchmarks of fan-out ask for, and the key that they sign in with. */
export const KEY = 'only-for-the-benchmark';

/** A selection of twelve fields. */
export const EVENTS = `subscription ($after: String) { events(after: $after) { cursor kind ... on MessageSentEvent { messageId
  message { id sentAt type receiverId sender { uid name } ... on TextMessage { text } } } } }`;

/** What the clients are ordered. */
export type Order =
  | { readonly do: 'connect'; readonly port: number; readonly sockets: number; readonly params: object }
  | {
      readonly do: 'stream';
      readonly port: number;
      readonly streams: number;
      readonly headers: object;
      readonly query: string;
    }
  | { readonly do: 'subscribe'; readonly query: string; readonly variables?: object; readonly uuid: boolean }
  | { readonly do: 'count'; readonly frames: number }
  | { readonly do: 'counted'; readonly since: readonly number[] };

/** What came: when the last socket had its last frame, and the latencies of all frames in ms. */
export interface Counted {
  readonly at: number;
  /** The text of the first frame, where a socket's first read held no other. */
  readonly first: string;
  readonly p50: number;
  readonly p99: number;
  /** When the last socket had each frame, after it was sent. */
  readonly last: readonly number[];
}

/** What a server is ordered: to tell of an event so many times, so many ms apart; to send so many texts and give the cursor before them; or to say how many listen, what memory is taken, and what processor time, in µs. */
export type ServerOrder =
  | { readonly do: 'tell'; readonly times: number; readonly gap: number; readonly uuid: boolean }
  | { readonly do: 'fall behind'; readonly events: number }
  | { readonly do: 'listeners' }
  | { readonly do: 'memory' }
  | { readonly do: 'cpu' };
