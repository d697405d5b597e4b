/** The samples of the data model's page, mended where the page broke them (`https:__` for `https://`, a stray prefix). */

const METADATA = { custom_key: 'CUSTOM_INFORMATION' };
const USER = {
  uid: 'cometchat-uid-1',
  name: 'NAME_PROVIDED_AT_THE_TIME_OF_CREATION',
  avatar: 'AVATAR_URL_PROVIDED_AT_THE_TIME_OF_CREATION',
  link: 'PROFILE_URL_PROVIDED_AT_THE_TIME_OF_CREATION',
  status: 'offline',
  credits: 1000,
  email: 'EMAIL_ADDRESS_PROVIDED_AT_THE_TIME_OF_CREATING',
  role: 'USER_CAN_BE_SET_TO_CUSTOM_ROLE',
  statusMessage: 'CUSTOME_STATUS_MESSAGE_SET_BY_USER',
  metadata: METADATA,
};
const ENTITIES = {
  sender: { entity: USER, entityType: 'user' },
  receiver: { entity: { ...USER, uid: 'cometchat-uid-2' }, entityType: 'user' },
};
const FILE = 'https://data.cometchat.com/6e13b23d7a3/media/1547025354_590827986_Covj6gf.jpg';

/** The form of a text message, with placeholders for what it says. */
export const TEXT_FORM = {
  sender: { ...USER, lastActiveAt: 1547011919 },
  receiver: 'cometchat-uid-2',
  type: 'text',
  receiverType: 'user',
  category: 'message',
  text: 'TEXT_MESSAGE_ADDED_BY_USER',
  id: '1',
  sentAt: 1547017662,
  data: { text: 'TEXT_MESSAGE_ADDED_BY_USER', entities: ENTITIES },
  metadata: METADATA,
};

/** The form of a media message. */
export const MEDIA_FORM = {
  sender: USER,
  receiver: 'cometchat-uid-2',
  type: 'file',
  receiverType: 'user',
  category: 'message',
  file: FILE,
  url: FILE,
  id: '2',
  sentAt: 1547025354,
  data: { entities: ENTITIES, url: FILE },
};

const FIVE = {
  uid: 'cometchat-uid-5',
  name: 'cometchat-uid-5',
  avatar: 'https://encrypted-tbn0.gstatic.com/images?q=tbn:ANd9GcQ2765JsCubcrJtzB-58jdEA6I3nNUDQDheI9HMDWQos3c98z7l',
  link: 'https://abc.xyz.com',
  status: 'offline',
};
const AVENGERS = { guid: 'ktncalltest', name: 'Avengers', type: 'public', createdAt: 1545481955 };

/** A real action. */
export const ACTION_10707 = {
  receiver: 'ktncalltest',
  type: 'groupMember',
  receiverType: 'group',
  category: 'action',
  data: {
    action: 'joined',
    by: { entity: FIVE, entityType: 'user' },
    for: { entity: AVENGERS, entityType: 'group' },
  },
  action: 'joined',
  actionBy: FIVE,
  sender: FIVE,
  actionFor: { hasJoined: false, ...AVENGERS },
  message: 'cometchat-uid-5 joined Avengers',
  id: '10707',
  sentAt: 1547223050,
};

const TEN = {
  uid: 'cometchat-uid-10',
  name: 'cometchat-uid-10',
  avatar: 'https://raw.githubusercontent.com/Ashwinvalento/cartoon-avatar/master/lib/images/female/68.png',
  link: 'https://abc.xyz.com',
  status: 'offline',
};
const ONE = { uid: 'cometchat-uid-1', name: 'cometchat-uid-1', status: 'offline' };
const SESSION = '1547222109e29120fc966fbe714253787ff1c06b0fb193b185';

/** A real call. */
export const CALL_10664 = {
  receiver: 'cometchat-uid-1',
  type: 'audio',
  receiverType: 'user',
  category: 'call',
  action: 'initiated',
  sessionId: SESSION,
  status: 'initiated',
  initiatedAt: 1547222109,
  id: '10664',
  sender: TEN,
  data: {
    action: 'initiated',
    by: { entity: TEN, entityType: 'user' },
    for: { entity: ONE, entityType: 'user' },
    on: {
      entity: {
        sessionid: SESSION,
        sender: 'cometchat-uid-10',
        receiverType: 'user',
        receiver: 'cometchat-uid-1',
        status: 'initiated',
        type: 'audio',
        data: {
          entities: {
            sender: { entity: TEN, entityType: 'user' },
            receiver: { entity: ONE, entityType: 'user' },
          },
        },
        initiatedAt: 1547222109,
        wsChannel: {
          identity: `[6e13b23d7a3]${SESSION}`,
          secret: '6e10e3eca9d5eedf68a2c272c71624f64acbaf7e',
          service: '6e13b23d7a3.call',
        },
      },
      entityType: 'call',
    },
  },
  sentAt: 1547222109,
  callInitiator: TEN,
  callReceiver: ONE,
};
