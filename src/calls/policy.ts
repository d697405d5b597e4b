import { ChatError, type ErrorCode, isErrorCode } from '../errors.ts';
import type { CallStatus } from './call.ts';

/**
 * What can be done to a call that is not over. By people: `accept` (join), `reject`, `cancel`, `end` (leave). By what happens:
 * `expire` (it has rung long enough, or goes on with nobody in it), `vanish` (somebody left the group, was deactivated or deleted, or has no connection any more),
 * `block` (one of two blocks the other), `close` (its group is deleted, or it is deleted for good itself).
 */
export type Move = 'accept' | 'reject' | 'cancel' | 'end' | 'expire' | 'vanish' | 'block' | 'close';

/**
 * Who makes a move. Between two: the `caller` and the `receiver`. In a group: the `caller` and others who `joined`, as long as they
 * are in it; who has `left` it; any other `member`. `nobody`: the server by itself.
 */
export type Mover = 'caller' | 'receiver' | 'joined' | 'left' | 'member' | 'nobody';

/** What comes of a move: the call's next status, `leave` (one goes: it goes on while others are in it, and else it ends), a refusal, or nothing. */
export type Outcome = CallStatus | 'leave' | 'nothing' | ErrorCode;

type Row = { readonly [Who in Mover]?: Outcome };
type Machine = { readonly [Status in 'initiated' | 'ongoing']: { readonly [Action in Move]?: Row } };

const JOINED = 'ERR_CALL_USER_ALREADY_JOINED';
const NOT_STARTED = 'ERR_CALL_NOT_STARTED';
const NO_ACCESS = 'AUTH_ERR_NO_ACCESS';
const NO_PART = 'ERR_CALL_NOT_A_PART';
const LEFT = 'ERR_CALL_GROUP_ALREADY_LEFT';
const IN_GROUP = 'ERR_CALL_GROUP_INVALID_STATUS';

/** A call between two. Where the receiver rejects, they say whether it is REJECTED or BUSY. */
const BETWEEN_TWO: Machine = {
  initiated: {
    accept: { caller: JOINED, receiver: 'ongoing' },
    reject: { caller: JOINED, receiver: 'rejected' },
    cancel: { caller: 'cancelled', receiver: NO_ACCESS },
    end: { caller: NOT_STARTED, receiver: NOT_STARTED },
    expire: { nobody: 'unanswered' },
    vanish: { caller: 'cancelled', receiver: 'unanswered' },
    block: { caller: 'cancelled', receiver: 'rejected' },
    close: { nobody: 'cancelled' },
  },
  ongoing: {
    accept: { caller: JOINED, receiver: JOINED },
    reject: { caller: JOINED, receiver: JOINED },
    cancel: { caller: JOINED, receiver: NO_ACCESS },
    end: { caller: 'ended', receiver: 'ended' },
    expire: { nobody: 'ended' },
    vanish: { caller: 'ended', receiver: 'ended' },
    block: { caller: 'ended', receiver: 'ended' },
    close: { nobody: 'ended' },
  },
};

/** A group's call: nobody rejects it for the others, and whoever has left may come back while it goes on. */
const IN_A_GROUP: Machine = {
  initiated: {
    accept: { caller: JOINED, member: 'ongoing' },
    reject: { caller: IN_GROUP, member: IN_GROUP },
    cancel: { caller: 'cancelled', member: NO_ACCESS },
    end: { caller: NOT_STARTED, member: NOT_STARTED },
    expire: { nobody: 'unanswered' },
    vanish: { caller: 'cancelled', member: 'nothing' },
    close: { nobody: 'cancelled' },
  },
  ongoing: {
    accept: { caller: JOINED, joined: JOINED, left: 'ongoing', member: 'ongoing' },
    reject: { caller: IN_GROUP, joined: IN_GROUP, left: IN_GROUP, member: IN_GROUP },
    cancel: { caller: JOINED, joined: NO_ACCESS, left: LEFT, member: NO_ACCESS },
    end: { caller: 'leave', joined: 'leave', left: LEFT, member: NO_PART },
    expire: { nobody: 'ended' },
    vanish: { caller: 'leave', joined: 'leave', left: 'nothing', member: 'nothing' },
    close: { nobody: 'ended' },
  },
};

/** What comes of a move by who makes it: whatever the tables leave out changes nothing. */
export function outcomeOf(inGroup: boolean, status: CallStatus, move: Move, mover: Mover): Outcome {
  if (status !== 'initiated' && status !== 'ongoing') return 'ERR_CALL_TERMINATED';
  const machine = inGroup ? IN_A_GROUP : BETWEEN_TWO;
  return machine[status][move]?.[mover] ?? 'nothing';
}

export const isRefusal = (outcome: Outcome): outcome is ErrorCode => isErrorCode(outcome);

/**
 * Whether somebody sends and hears signals of a call: between two both, in a group who is in it, and while it rings whoever may answer.
 * Gives the refusal of who does not.
 */
export function signalRefusal(status: CallStatus, mover: Mover): ErrorCode | undefined {
  if (status !== 'initiated' && status !== 'ongoing') return 'ERR_CALL_TERMINATED';
  if (mover === 'left') return LEFT;
  return mover === 'member' && status === 'ongoing' ? NO_PART : undefined;
}

const REASONS: { readonly [Code in ErrorCode]?: string } = {
  ERR_CALL_TERMINATED: 'The call is over.',
  ERR_CALL_USER_ALREADY_JOINED: 'The call has been joined already: `endCall` leaves it.',
  ERR_CALL_NOT_STARTED: 'Nobody has answered the call yet: its caller gives up with `cancelCall`.',
  ERR_CALL_NOT_A_PART: 'You have no part in the call.',
  ERR_CALL_GROUP_ALREADY_LEFT: 'You have left the call already.',
  ERR_CALL_GROUP_INVALID_STATUS:
    '`status`: a group’s call is not rejected: whoever does not want it lets it ring, or stops ringing for themself.',
  AUTH_ERR_NO_ACCESS: 'Only who called gives up calling.',
};

/** The refusal of a move, for its reader. */
export const refusalOf = (code: ErrorCode): ChatError => new ChatError(code, REASONS[code] ?? code);
