import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { cursorNow } from '../support/cursor.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { clientFor, hear } from '../support/listener.ts';
import { WORLD } from '../support/world.ts';
import { EVERY_EVENT, toGroup, toUser } from './every-event.ts';

// biome-ignore lint/suspicious/noExplicitAny: events as they were asked for
type Event = any;

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const run = (as: string, mutation: string, input: object) => ask.run(as, mutation, input, '__typename');
  const send = async (as: string, to: object, text: string): Promise<string> =>
    (await ask.run(as, 'sendTextMessage', { ...to, text }, 'message { id }')).message.id;
  const makeGroup = (guid: string, type: string, ...uids: string[]) =>
    run('ada', 'createGroup', { guid, name: guid, type, members: uids.map((uid) => ({ uid })) });

  /** What somebody hears who was away since a cursor, receipts left out. */
  async function replay(as: string, after: string): Promise<Event[]> {
    const end = await send(as, toUser(as), 'Here I am');
    const heard = await hear(clientFor(ask.server(), { as }), EVERY_EVENT, { after });
    const events: Event[] = [];
    for (;;) {
      const { events: event } = await heard.next();
      if (event.messageId === end) return events;
      if (!event.kind.startsWith('MESSAGES_')) events.push(event);
    }
  }

  /** Of events what says what they are about, and whether it is shown. */
  const shortly = ({ kind, message, messageId, uid, guid, group, action }: Event) => {
    if (kind === 'MEMBERSHIP_CHANGED') return [kind, uid, action?.action ?? null];
    if (guid) return [kind, guid, group?.name ?? null];
    return messageId ? [kind, message?.text ?? null] : [kind];
  };

  describe('who was away hears what they were allowed to hear at each moment', () => {
    test('of a group that they have joined late: nothing from before', async () => {
      await makeGroup('late', 'PUBLIC', 'bob');
      const after = await cursorNow(ask, 'cyd');
      await send('ada', toGroup('late'), 'Before');
      await run('cyd', 'joinGroup', { guid: 'late' });
      await send('ada', toGroup('late'), 'After');
      expect((await replay('cyd', after)).map(shortly)).toEqual([
        ['MEMBERSHIP_CHANGED', 'cyd', 'MEMBER_JOINED'],
        ['MESSAGE_SENT', 'After'],
      ]);
    });

    test('kicked and back: nothing of the time between', async () => {
      await makeGroup('back', 'PUBLIC', 'bob', 'cyd');
      const after = await cursorNow(ask, 'cyd');
      await send('ada', toGroup('back'), 'One');
      await run('ada', 'kickGroupMember', { guid: 'back', uid: 'cyd' });
      await send('ada', toGroup('back'), 'Among us');
      await run('ada', 'updateGroup', { guid: 'back', description: 'Without cyd' });
      await run('cyd', 'joinGroup', { guid: 'back' });
      await send('ada', toGroup('back'), 'Two');
      expect((await replay('cyd', after)).map(shortly)).toEqual([
        ['MESSAGE_SENT', 'One'],
        ['MEMBERSHIP_CHANGED', 'cyd', 'MEMBER_KICKED'],
        ['MEMBERSHIP_CHANGED', 'cyd', 'MEMBER_JOINED'],
        ['MESSAGE_SENT', 'Two'],
      ]);
    });

    test('no longer in a private group: that something was there, and nothing of what', async () => {
      await makeGroup('secret', 'PRIVATE', 'cyd');
      const after = await cursorNow(ask, 'cyd');
      const id = await send('ada', toGroup('secret'), 'Hush');
      await run('ada', 'updateGroup', { guid: 'secret', description: 'Hushed' });
      await run('ada', 'addReaction', { messageId: id, reaction: '🤫' });
      await run('ada', 'banGroupMember', { guid: 'secret', uid: 'cyd' });
      await send('ada', toGroup('secret'), 'Gone at last');
      await run('ada', 'updateGroup', { guid: 'secret', name: 'Not for cyd' });
      const events = await replay('cyd', after);
      expect(events.map(shortly)).toEqual([
        ['MESSAGE_SENT', null],
        ['GROUP_UPDATED', 'secret', null],
        ['REACTION_ADDED', null],
        ['MEMBERSHIP_CHANGED', 'cyd', null],
      ]);
      expect(events[0].messageId).toBe(id);
      expect(JSON.stringify(events)).not.toMatch(/Hush|Not for cyd/);
      expect(events.at(-1)).toMatchObject({ guid: 'secret', group: null, member: null });
    });

    test('a public group that they have left is still shown', async () => {
      await makeGroup('open', 'PUBLIC', 'cyd');
      const after = await cursorNow(ask, 'cyd');
      await run('cyd', 'leaveGroup', { guid: 'open' });
      expect(await replay('cyd', after)).toMatchObject([{ guid: 'open', group: { name: 'open' }, member: null }]);
    });

    test('a group that was deleted: its end, and its ids', async () => {
      await makeGroup('short', 'PUBLIC', 'cyd');
      const after = await cursorNow(ask, 'cyd');
      const id = await send('ada', toGroup('short'), 'Soon over');
      await run('cyd', 'updateConversation', { ...toGroup('short'), tags: ['town'] });
      await run('ada', 'deleteGroup', { guid: 'short' });
      await makeGroup('short', 'PUBLIC', 'bob');
      await send('ada', toGroup('short'), 'Another of that name');
      expect(await replay('cyd', after)).toMatchObject([
        { kind: 'MESSAGE_SENT', messageId: id, message: null, by: { uid: 'ada' } },
        { kind: 'CONVERSATION_UPDATED', conversationId: 'group_short', conversation: null },
        { kind: 'GROUP_DELETED', guid: 'short', group: null, by: { uid: 'ada' } },
      ]);
    });

    test('a conversation that they have deleted for themself: ids alone, and what came after it', async () => {
      const after = await cursorNow(ask, 'zhanna');
      const id = await send('li', toUser('zhanna'), 'Old');
      await run('li', 'addReaction', { messageId: id, reaction: '👍' });
      await run('zhanna', 'deleteConversation', toUser('li'));
      await run('li', 'editMessage', { messageId: id, text: 'Still old' });
      await send('li', toUser('zhanna'), 'New');
      const events = await replay('zhanna', after);
      expect(events.map(shortly)).toEqual([
        ['MESSAGE_SENT', null],
        ['REACTION_ADDED', null],
        ['CONVERSATION_UPDATED'],
        ['MESSAGE_EDITED', null],
        ['MESSAGE_SENT', 'New'],
      ]);
      expect(events.filter(({ messageId }) => messageId === id)).toHaveLength(3);
      expect((await replay('li', after)).map(shortly)).toContainEqual(['MESSAGE_SENT', 'Still old']);
    });

    test('what happened to others in a group of which they have deleted what was said: the group and its members', async () => {
      await makeGroup('swept', 'PRIVATE', 'bob', 'cyd');
      const after = await cursorNow(ask, 'bob');
      await run('ada', 'changeGroupMemberScope', { guid: 'swept', uid: 'cyd', scope: 'MODERATOR' });
      await run('bob', 'deleteConversation', toGroup('swept'));
      const [changed] = await replay('bob', after);
      const group = expect.objectContaining({ name: 'swept' });
      expect(changed).toMatchObject({ kind: 'MEMBERSHIP_CHANGED', uid: 'cyd', group, action: null });
      expect(changed.member).toMatchObject({ scope: 'MODERATOR' });
    });

    test('a message that was edited, deleted or purged since: as it is now', async () => {
      const after = await cursorNow(ask, 'emile');
      const [edited, deleted, purged] = [
        await send('ada', toUser('emile'), 'First words'),
        await send('ada', toUser('emile'), 'Regretted'),
        await send('ada', toUser('emile'), 'Never said'),
      ];
      await run('ada', 'editMessage', { messageId: edited, text: 'Last words' });
      await run('ada', 'deleteMessage', { messageId: deleted });
      await run('KEY', 'deleteMessage', { messageId: purged, permanent: true });
      const events = await replay('emile', after);
      expect(events.map(shortly)).toEqual([
        ['MESSAGE_SENT', 'Last words'],
        ['MESSAGE_SENT', ''],
        ['MESSAGE_SENT', null],
        ['MESSAGE_EDITED', 'Last words'],
        ['MESSAGE_DELETED', ''],
        ['MESSAGE_DELETED', null],
      ]);
      expect(events.map(({ messageId }) => messageId)).toEqual([edited, deleted, purged, edited, deleted, purged]);
      expect(JSON.stringify(events)).not.toMatch(/First words|Regretted|Never said/);
    });

    test.for([
      [false, 'gone-1'],
      [true, 'gone-2'],
    ] as const)(
      'a user who was deleted since (for good: %s) is there by what is left of them',
      async ([permanent, uid]) => {
        await ask.run('KEY', 'createUser', { uid, name: 'Shortlived' }, '__typename');
        await makeGroup(`with-${uid}`, 'PUBLIC', 'cyd', uid);
        const after = await cursorNow(ask, 'cyd');
        await send(uid, toUser('cyd'), 'Remember me');
        await send(uid, toGroup(`with-${uid}`), 'All of you');
        await run('cyd', 'blockUsers', { uids: [uid] });
        await run('KEY', 'deleteUser', { uid, permanent });
        const events = await replay('cyd', after);
        const left = permanent ? expect.stringMatching(/^deleted-/) : uid;
        const sent = (text: string) => ({
          kind: 'MESSAGE_SENT',
          by: { uid: left },
          message: permanent ? null : { text },
        });
        expect(events.slice(0, 3)).toMatchObject([
          sent('Remember me'),
          sent('All of you'),
          { kind: 'USER_BLOCKED', uid: left, user: null },
        ]);
        expect(events).toContainEqual(expect.objectContaining({ kind: 'MEMBERSHIP_CHANGED', uid: left, member: null }));
        expect(events).toContainEqual(expect.objectContaining({ kind: 'USER_UNBLOCKED', uid: left, user: null }));
        expect(JSON.stringify(events)).not.toContain('Shortlived');
        if (permanent) expect(JSON.stringify(events).replaceAll(`with-${uid}`, '')).not.toContain(uid);
      },
    );
  });
});
