import { badField, requireJson, requireLength } from '../input.ts';
import type { Json } from '../json.ts';
import { TEXT_MAX } from './text.ts';

const SUB_TYPE_MAX = 100;
const CONVERSATION_TEXT_MAX = 1_000;

/** Refuses a text that says nothing, with ERR_EMPTY_MESSAGE_TEXT, and one that is too long. */
export function requireText(field: string, text: string | null): void {
  if (text === null || text.trim() === '')
    throw badField(field, 'holds nothing but white space', 'ERR_EMPTY_MESSAGE_TEXT');
  requireLength(field, text, TEXT_MAX);
}

/** Refuses custom data that is null, more than 64 KB or too deep, with ERR_INVALID_CUSTOM_DATA. */
export function requireCustomData(field: string, customData: Json): void {
  if (customData === null) throw badField(field, 'is null: any other JSON value will do', 'ERR_INVALID_CUSTOM_DATA');
  requireJson(field, customData, 'ERR_INVALID_CUSTOM_DATA');
}

/** Refuses what stands beside custom data where it is empty or too long. */
export function requireBeside(subType: string | null | undefined, conversationText: string | null | undefined): void {
  requireLength('subType', subType, SUB_TYPE_MAX, 1);
  requireLength('conversationText', conversationText, CONVERSATION_TEXT_MAX);
}
