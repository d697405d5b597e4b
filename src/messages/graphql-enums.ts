import { builder } from '../graphql/builder.ts';

export const MessageCategoryType = builder.enumType('MessageCategory', {
  description: 'What a message is at heart.',
  values: {
    MESSAGE: { value: 'message', description: 'Something that a user wrote or sent.' },
    ACTION: { value: 'action', description: 'Something that was done to a group’s membership.' },
    CALL: { value: 'call', description: 'A call.' },
  } as const,
});

export const MessageTypeType = builder.enumType('MessageType', {
  description: 'What a message holds.',
  values: {
    TEXT: { value: 'text', description: 'Text.' },
    IMAGE: { value: 'image', description: 'Pictures.' },
    VIDEO: { value: 'video', description: 'Videos; or a call with picture.' },
    AUDIO: { value: 'audio', description: 'Sound; or a call without picture.' },
    FILE: { value: 'file', description: 'Files of any other kind.' },
    CUSTOM: { value: 'custom', description: 'Whatever the application makes of it.' },
    GROUP_MEMBER: { value: 'groupMember', description: 'An action on a group’s membership.' },
  } as const,
});

export const MessageStatusType = builder.enumType('MessageStatus', {
  description: 'How far a message has come.',
  values: {
    SENT: { value: 'sent', description: 'Parley has it.' },
    DELIVERED: { value: 'delivered', description: 'The receiver, or every member of the group, has it.' },
    READ: { value: 'read', description: 'The receiver, or every member of the group, has read it.' },
  } as const,
});

export const ActionTypeEnum = builder.enumType('ActionType', {
  description: 'What was done to a group’s membership.',
  values: {
    MEMBER_JOINED: { value: 'joined', description: 'A user joined.' },
    MEMBER_LEFT: { value: 'left', description: 'A member left.' },
    MEMBER_KICKED: { value: 'kicked', description: 'A member was put out, and may come back.' },
    MEMBER_BANNED: { value: 'banned', description: 'A member was put out, and may not come back.' },
    MEMBER_UNBANNED: { value: 'unbanned', description: 'Who was banned may come back.' },
    MEMBER_INVITED: { value: 'added', description: 'A user was added by a member.' },
    MEMBER_SCOPE_CHANGED: { value: 'scopeChanged', description: 'A member may do more, or less, than before.' },
  } as const,
});
