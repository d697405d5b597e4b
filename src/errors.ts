/** Every code that a client can meet in `extensions.code`, by what it is about. The meaning of each is in docs/errors.md. */
export const ERROR_CODES = [
  // signing in
  'AUTH_ERR_AUTH_TOKEN_NOT_FOUND',
  'AUTH_ERR_APIKEY_NOT_FOUND',
  'AUTH_ERR_NO_ACCESS',
  'AUTH_ERR_TOKEN_EXPIRED',
  // users
  'ERR_UID_NOT_FOUND',
  'ERR_UID_ALREADY_EXISTS',
  'ERR_CANNOT_BLOCK_SELF',
  'ERR_BLOCKED_RECEIVER',
  'ERR_BLOCKED_SENDER',
  // groups
  'ERR_GUID_NOT_FOUND',
  'ERR_GUID_ALREADY_EXISTS',
  'ERR_EMPTY_GROUP_PASS',
  'ERR_WRONG_GROUP_PASS',
  'ERR_ALREADY_JOINED',
  'ERR_GROUP_NOT_JOINED',
  'ERR_NOT_A_MEMBER',
  'ERR_SAME_SCOPE',
  'ERR_NOT_A_BANNED_USER',
  'ERR_BANNED_GROUPMEMBER',
  'ERR_ALREADY_BANNED',
  'ERR_GROUP_NO_CLEARANCE',
  'ERR_GROUP_NO_ADMIN_SCOPE',
  'ERR_GROUP_NO_MODERATOR_SCOPE',
  'ERR_GROUP_NO_SELF_ACTION',
  'ERR_OWNER_CANNOT_LEAVE',
  // messages
  'ERR_MESSAGE_ID_NOT_FOUND',
  'ERR_CONVERSATION_NOT_FOUND',
  'ERR_EMPTY_MESSAGE_TEXT',
  'ERR_INVALID_MESSAGE_TYPE',
  'ERR_EMPTY_MESSAGE_FILE',
  'ERR_INVALID_MEDIA_MESSAGE',
  'ERR_MESSAGE_NOT_A_SENDER',
  'ERR_MESSAGE_NO_ACCESS',
  'ERR_MESSAGE_ACTION_NOT_ALLOWED',
  'ERR_INVALID_CUSTOM_DATA',
  'ERR_INVALID_METADATA',
  'ERR_WRONG_MESSAGE_THREAD',
  'ERR_MESSAGE_THREAD_NESTING',
  'ERR_PINNED_MESSAGES_LIMIT_EXCEEDED',
  'ERR_SAVED_MESSAGES_LIMIT_EXCEEDED',
  // calls
  'ERR_CALLING_SELF',
  'ERR_CALL_BUSY_SELF',
  'ERR_CALL_BUSY_GROUP',
  'ERR_CALL_USER_ALREADY_JOINED',
  'ERR_CALL_GROUP_INVALID_STATUS',
  'ERR_CALL_GROUP_ALREADY_LEFT',
  'ERR_CALL_TERMINATED',
  'ERR_CALL_NOT_A_PART',
  'ERR_CALL_SESSION_NOT_FOUND',
  'ERR_CALL_NOT_STARTED',
  // documents
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  // anything
  'ERR_BAD_REQUEST',
  'ERR_TOO_MANY_REQUESTS',
  'ERR_LIMIT_EXCEEDED',
  'ERR_INVALID_CURSOR',
  'ERR_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Whether a code is one of the list. */
export const isErrorCode = (code: unknown): code is ErrorCode => ERROR_CODES.some((one) => one === code);

/** A refusal that its reader may see: the code for programs, the message for people. Everything else thrown is masked. */
export class ChatError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
