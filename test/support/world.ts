import {
  action,
  audioCall,
  banned,
  block,
  custom,
  edit,
  file,
  group,
  image,
  member,
  pin,
  reached,
  reaction,
  START,
  save,
  standing,
  text,
  user,
  videoCall,
} from './lines.ts';
import type { Line } from './seed.ts';

const PLAZA = { group: 'plaza' };
const CELLAR = { group: 'cellar' };

/** People: one of every kind that lists and rights tell apart. */
const PEOPLE: readonly Line[] = [
  user('ada', 'Ada Lovelace', {
    email: 'ada@example.org',
    credits: 7,
    avatar: 'https://example.org/ada.png',
    link: 'https://example.org/ada',
    role: 'teacher',
    statusMessage: 'counting',
    metadata: { room: 12 },
    tags: ['maths', 'staff'],
    lastActiveAt: START + 50,
    updatedAt: START + 60,
  }),
  user('bob', 'bob', { email: 'bob@example.org', credits: 3, role: 'student', tags: ['maths'] }),
  user('cyd', 'Cyd', { role: 'student' }),
  user('dot', 'Dot', { deactivatedAt: START + 90 }),
  user('eve', 'Deleted user', { deletedAt: START + 91 }),
  user('mal', 'Mallory'),
  user('olga', 'Olga'),
  user('sam-1', 'Sam'),
  user('sam_2', 'SAM'),
  user('emile', 'Émile'),
  user('zhanna', 'Жанна'),
  user('li', '李雷'),
  user('smile', '🙂 Smiley'),
  block({ uid: 'ada', blockedUid: 'mal', blockedAt: START }),
];

/** A group of each type, with people of every scope, one who is banned, and outsiders. */
const GROUPS: readonly Line[] = [
  group('plaza', 'Plaza', 'ada', {
    description: 'For all',
    icon: 'https://example.org/plaza.png',
    metadata: { size: 'large' },
    tags: ['open', 'town'],
    updatedAt: START + 10,
  }),
  member('plaza', 'ada', { scope: 'admin', joinedAt: START + 1 }),
  member('plaza', 'bob', { scope: 'moderator', joinedAt: START + 2 }),
  member('plaza', 'cyd', { joinedAt: START + 3 }),
  member('plaza', 'mal', { joinedAt: START + 4 }),
  banned('plaza', 'olga'),
  group('cellar', 'Cellar', 'bob', { type: 'private', tags: ['town'] }),
  member('cellar', 'bob', { scope: 'admin' }),
  member('cellar', 'ada'),
  member('cellar', 'dot'),
  group('vault', 'Vault', 'cyd', { type: 'password', password: 'sesame' }),
  member('vault', 'cyd', { scope: 'admin' }),
  group('agora', 'Ágora', 'ada'),
  member('agora', 'ada', { scope: 'admin' }),
];

/** What ada and bob wrote to each other, ids 101 to 110. */
const BETWEEN_TWO: readonly Line[] = [
  text(101, 'ada', { user: 'bob' }, 'Hello Bob', { muid: 'ada-1', metadata: { mood: 'glad' }, tags: ['greeting'] }),
  text(102, 'bob', { user: 'ada' }, 'Hi <@uid:ada>, look: https://example.org/a', { tags: ['link', 'greeting'] }),
  text(103, 'bob', { user: 'ada' }, 'As you said', { quotedMessageId: '101' }),
  image(
    104,
    'ada',
    { user: 'bob' },
    {
      caption: 'Two views',
      data: {
        attachments: [
          {
            url: 'https://example.org/one.png',
            name: 'one.png',
            mimeType: 'image/png',
            size: 1200,
            extension: 'png',
            width: 640,
            height: 480,
            thumbnailUrl: 'https://example.org/one-small.png',
          },
          { url: 'https://example.org/two.png', name: 'two.png', mimeType: 'image/png', size: 2400 },
        ],
      },
    },
  ),
  custom(
    105,
    'bob',
    { user: 'ada' },
    {
      subType: 'location',
      customData: { latitude: 51.5, longitude: -0.1 },
      conversationText: 'A place',
    },
  ),
  text(106, 'bob', { user: 'ada' }, 'Taken back', { deletedAt: START + 300, deletedBy: 'bob' }),
  audioCall(
    107,
    'ada',
    { user: 'bob' },
    {
      sessionId: 'session-107',
      status: 'ended',
      initiatedAt: START + 107,
      joinedAt: START + 110,
      endedAt: START + 170,
    },
  ),
  file(108, 'bob', { user: 'ada' }, { url: 'https://example.org/paper.pdf' }),
  reached('delivered', 'bob', { user: 'ada' }, 101, START + 111),
  reached('delivered', 'bob', { user: 'ada' }, 107, START + 180),
  reached('read', 'bob', { user: 'ada' }, 104, START + 190),
  reached('delivered', 'ada', { user: 'bob' }, 105, START + 200),
  reached('read', 'ada', { user: 'bob' }, 103, START + 210),
  standing('ada', { user: 'bob' }, { lastReadMessageId: '103', tags: ['work'] }),
  save({ messageId: '103', uid: 'ada', savedAt: START + 220 }),
];

/** What was written in the plaza, ids 201 to 212: a thread under 202. */
const IN_PLAZA: readonly Line[] = [
  action(201, 'cyd', 'plaza', 'joined'),
  text(202, 'bob', PLAZA, 'Welcome <@uid:cyd> and <@uid:ada>'),
  text(203, 'cyd', PLAZA, 'Thanks', { parentId: '202' }),
  text(204, 'ada', PLAZA, 'You are welcome', { parentId: '202' }),
  action(205, 'ada', 'plaza', 'scopeChanged', {
    actionOn: { uid: 'bob' },
    oldScope: 'participant',
    newScope: 'moderator',
  }),
  text(206, 'eve', PLAZA, 'I was here'),
  text(207, 'mal', PLAZA, 'Buy my café crème'),
  action(208, 'ada', 'plaza', 'banned', { actionOn: { uid: 'olga' } }),
  text(209, 'ada', PLAZA, 'Tea at five', { editedAt: START + 310, editedBy: 'ada', updatedAt: START + 310 }),
  edit({ messageId: '209', position: 0, editedAt: START + 305, editedBy: 'ada', text: 'Tea at three' }),
  edit({ messageId: '209', position: 1, editedAt: START + 310, editedBy: 'ada', text: 'Tea at four' }),
  pin({ messageId: '209', pinnedAt: START + 320, pinnedBy: 'bob' }),
  reaction({ messageId: '209', uid: 'cyd', reaction: '👍', reactedAt: START + 330 }),
  reaction({ messageId: '209', uid: 'bob', reaction: '👍', reactedAt: START + 331 }),
  reaction({ messageId: '209', uid: 'ada', reaction: '❤️', reactedAt: START + 332 }),
  videoCall(210, 'cyd', PLAZA, { sessionId: 'session-210', status: 'unanswered', endedAt: START + 255 }),
  text(211, 'cyd', PLAZA, 'Anyone there, <@uid:ada>?'),
  text(212, 'olga', PLAZA, 'Written before the ban'),
  reached('delivered', 'bob', PLAZA, 211, START + 400),
  reached('read', 'bob', PLAZA, 209, START + 410),
  reached('delivered', 'cyd', PLAZA, 210, START + 420),
  standing('ada', PLAZA, { lastReadMessageId: '205', pinnedAt: START + 500, mutedUntil: START + 9000, tags: ['town'] }),
  standing('cyd', PLAZA, { lastReadMessageId: '0' }),
];

/** Conversations of every other kind: private, cleared, of the blocked, of the deactivated, and a call that goes on. */
const ELSEWHERE: readonly Line[] = [
  text(301, 'bob', CELLAR, 'The secret plan'),
  text(302, 'dot', CELLAR, 'I will keep it'),
  text(303, 'mal', { user: 'ada' }, 'Buy now'),
  text(304, 'ada', { user: 'cyd' }, 'Forget this'),
  standing('ada', { user: 'cyd' }, { clearedUpTo: '304', lastReadMessageId: '304' }),
  text(305, 'emile', { user: 'ada' }, 'Old words'),
  text(306, 'emile', { user: 'ada' }, 'New words', { quotedMessageId: '305' }),
  text(307, 'emile', { user: 'ada' }, 'An answer', { parentId: '305' }),
  standing('ada', { user: 'emile' }, { clearedUpTo: '305', lastReadMessageId: '305' }),
  text(308, 'dot', { user: 'bob' }, 'Before I went'),
  text(309, 'bob', { user: 'cyd' }, 'Between us'),
  videoCall(310, 'cyd', { user: 'bob' }, { sessionId: 'session-310', status: 'ongoing', joinedAt: START + 311 }),
  text(311, 'sam-1', { user: 'sam-1' }, 'A note to myself'),
];

/** A small world in which each thing that can be read stands once or twice: as lines of an import. */
export const WORLD: readonly Line[] = [...PEOPLE, ...GROUPS, ...BETWEEN_TWO, ...IN_PLAZA, ...ELSEWHERE];

/** Everybody whom a user finds, in the order of lists. */
export const FOUND = ['ada', 'bob', 'cyd', 'mal', 'olga', 'sam-1', 'sam_2', 'emile', 'zhanna', 'li', 'smile'] as const;
