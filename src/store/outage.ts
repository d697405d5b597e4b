/**
 * Of PostgreSQL (appendix A of its manual): it can't be connected to or signed in to, has nothing left, is stopped, fails, undoes what
 * collides, may only be read just now, or a lock or time limit that its operator has set has ended what was asked.
 */
const POSTGRES = /^(08|28|3D|40|53|57|58|XX)...$|^(25006|25P0[2-4]|42501|55000|55006|55P03)$/;
/** Of SQLite: the file can't be read or written just now, and what it holds is whole. */
const SQLITE = /^SQLITE_(BUSY|CANTOPEN|FULL|IOERR|LOCKED|NOMEM|PROTOCOL|READONLY)/;
/** Of the system: on the way to PostgreSQL or a bucket, or of a disk that files are kept on. */
const SYSTEM =
  /^(EADDRNOTAVAIL|EAI_AGAIN|ECONNABORTED|ECONNREFUSED|ECONNRESET|EDQUOT|EHOSTDOWN|EHOSTUNREACH|EIO|EMFILE|ENETDOWN|ENETUNREACH|ENFILE|ENOENT|ENOSPC|ENOTDIR|ENOTFOUND|EPIPE|EROFS|ETIMEDOUT)$/;
/** What `pg` says of a connection without a code. */
const CONNECTION =
  /^(Client has encountered a connection error|Client was closed|Connection terminated|Query read timeout|timeout exceeded when trying to connect)/;

/**
 * Whether an error says that what Parley keeps could not be read or written, and nothing of what was asked for: the same may be done
 * a moment later. It may have come with others around it.
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, message, cause } = error as NodeJS.ErrnoException & { cause?: unknown };
  if (typeof code === 'string') return [POSTGRES, SQLITE, SYSTEM].some((codes) => codes.test(code));
  return CONNECTION.test(message) || isOutage(cause);
}
