/** With what a WebSocket is closed: those of graphql-transport-ws, and where it has none, ours and the registry's. */
export const CLOSE_CODES = {
  /** "Service restart" (IANA's registry): connect again. */
  stopping: 1012,
  /** "Try again later" (IANA's registry): the database does not answer. Come back with the last cursor. */
  unavailable: 1013,
  badMessage: 4400,
  notSignedIn: 4401,
  /** Credentials that are not accepted, or no longer. */
  forbidden: 4403,
  wrongProtocol: 4406,
  initTooLate: 4408,
  idInUse: 4409,
  /** The client reads too slowly: it is to come back with its last cursor. Not a fatal code for graphql-ws's client. */
  tooSlow: 4413,
  tooMany: 4429,
  unexpected: 4500,
} as const;

const REASON_BYTES_MAX = 123; // of a close frame (RFC 6455, section 5.5)

/** The reason where a close frame has room for it, or else what is to stand for it. */
export const reasonWithin = (reason: string, otherwise: string): string =>
  Buffer.byteLength(reason) <= REASON_BYTES_MAX ? reason : otherwise;
