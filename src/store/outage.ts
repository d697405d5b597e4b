/** Of PostgreSQL (appendix A of its manual): connections, resources used up, stopped by an operator, errors of the system, its own. */
const POSTGRES = /^(08|53|57|58|XX)...$/;
/** Of SQLite: the file can't be read or written just now, and what it holds is whole. */
const SQLITE = /^SQLITE_(BUSY|CANTOPEN|FULL|IOERR|LOCKED|NOMEM|PROTOCOL|READONLY)/;
/** Of the system: on the way to PostgreSQL or a bucket, or of a disk that files are kept on. */
const SYSTEM =
  /^(EAI_AGAIN|ECONNREFUSED|ECONNRESET|EDQUOT|EHOSTUNREACH|EIO|EMFILE|ENETUNREACH|ENFILE|ENOENT|ENOSPC|ENOTFOUND|EPIPE|EROFS|ETIMEDOUT)$/;
/** What `pg` says of a connection without a code. */
const CONNECTION =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;

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
