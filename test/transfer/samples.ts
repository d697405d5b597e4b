const link = 'https://abc.xyz.com';
const five = {
  uid: 'cometchat-uid-5',
  name: 'cometchat-uid-5',
  avatar: 'https://example.com/5.png',
  link,
  status: 'offline',
};
const ten = {
  uid: 'cometchat-uid-10',
  name: 'cometchat-uid-10',
  avatar: 'https://example.com/10.png',
  link,
  status: 'offline',
};
const one = { uid: 'cometchat-uid-1', name: 'cometchat-uid-1', status: 'offline' };
const avengers = { guid: 'ktncalltest', name: 'Avengers', type: 'public', createdAt: 1545481955 };

/** The action that the data model's page shows, as the platform gave it. */
export const ACTION = {
  receiver: 'ktncalltest',
  type: 'groupMember',
  receiverType: 'group',
  category: 'action',
  data: {
    action: 'joined',
    by: { entity: five, entityType: 'user' },
    for: { entity: avengers, entityType: 'group' },
  },
  action: 'joined',
  actionBy: five,
  sender: five,
  actionFor: { hasJoined: false, ...avengers },
  message: 'cometchat-uid-5 joined Avengers',
  id: '10707',
  sentAt: 1547223050,
};

const sessionId = '1547222109e29120fc966fbe714253787ff1c06b0fb193b185';

/** The call that the data model's page shows. */
export const CALL = {
  receiver: 'cometchat-uid-1',
  type: 'audio',
  receiverType: 'user',
  category: 'call',
  action: 'initiated',
  sessionId,
  status: 'initiated',
  initiatedAt: 1547222109,
  id: '10664',
  sender: ten,
  data: {
    action: 'initiated',
    by: { entity: ten, entityType: 'user' },
    for: { entity: one, entityType: 'user' },
    on: {
      entity: {
        sessionid: sessionId,
        sender: 'cometchat-uid-10',
        receiverType: 'user',
        receiver: 'cometchat-uid-1',
        status: 'initiated',
        type: 'audio',
        data: {
          entities: { sender: { entity: ten, entityType: 'user' }, receiver: { entity: one, entityType: 'user' } },
        },
        initiatedAt: 1547222109,
        wsChannel: {
          identity: `[6e13b23d7a3]${sessionId}`,
          secret: '6e10e3eca9d5eedf68a2c272c71624f64acbaf7e',
          service: '6e13b23d7a3.call',
        },
      },
      entityType: 'call',
    },
  },
  sentAt: 1547222109,
  callInitiator: ten,
  callReceiver: one,
};
