import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { answeredSentences, confirmedSentences } from '../../../player/rollcall/answer-text.ts';
import {
  callStateAfter,
  type CallEvent,
  type CallState,
  EMPTY_CALL_STATE,
} from '../../../player/rollcall/call-state.ts';
import { callStateView } from '../../../player/rollcall/call-view.ts';
import { readPendingAnswer } from '../../../player/rollcall/indexed-answers.ts';
import { ROLLCALL_STRINGS } from '../../../player/text/rollcall-strings.ts';
import { fillIn, type Language } from '../../../player/text/strings.ts';
import type { AnswerValue } from '../../../rollcall/protocol/answer.ts';
import type { CallFrame, ServerFrame } from '../../../rollcall/protocol/frames.ts';
import { FakeGateway, Student, TestClock } from './rollcall-world.ts';

const QUESTION = { kind: 'choice', prompt: '3 × 4?', choices: ['7', '12', '34'], changeable: true } as const;

type World = { readonly clock: TestClock; readonly gateway: FakeGateway; readonly student: Student };

async function makeWorld(): Promise<World> {
  const clock = new TestClock();
  const gateway = new FakeGateway(clock);
  const student = new Student(clock, gateway);
  await student.open();
  return { clock, gateway, student };
}

/** What a page shows: its kind, and the value that counts. */
const shown = ({ student }: Pick<World, 'student'>): string => {
  const { value: view } = student.page.view;
  return `${view.kind} ${'value' in view ? String(view.value) : ''}`.trim();
};
const valueOf = ({ gateway }: World): AnswerValue | undefined =>
  gateway.answers.get(`li ${gateway.call?.callId}`)?.value;

async function choose({ student, clock }: World, value: AnswerValue): Promise<void> {
  await student.page.answer(value, null);
  await clock.pass(100);
}

describe('a student who may change her answer', () => {
  it('chooses again until the question closes, and the newest counts', async () => {
    const world = await makeWorld();
    world.gateway.open(QUESTION);
    await world.clock.pass(1000);
    for (const value of [0, 1, 2, 1]) {
      await choose(world, value);
      deepEqual([shown(world), valueOf(world)], [`answered ${value}`, value]);
    }
    await world.clock.pass(20_500);
    equal(shown(world), 'none');
    await choose(world, 0);
    equal(valueOf(world), 1, 'no more after her window');
    deepEqual(world.student.store.kept.size, 0);
  });

  it('is not asked to, where the first answer counts', async () => {
    const world = await makeWorld();
    const { changeable: _changeable, ...question } = QUESTION;
    world.gateway.open(question);
    await world.clock.pass(1000);
    await choose(world, 0);
    equal(shown(world), 'confirmed');
    await choose(world, 1);
    equal(valueOf(world), 0);
  });

  it('sees her answer after a reload, and changes it there', async () => {
    const world = await makeWorld();
    world.gateway.open(QUESTION);
    await world.clock.pass(1000);
    await choose(world, 0);
    await world.student.open();
    await world.clock.pass(1000);
    equal(shown(world), 'answered 0');
    await choose(world, 2);
    deepEqual([shown(world), valueOf(world)], ['answered 2', 2]);
  });

  it('keeps a change over a line that broke and a reload, and the older answer does not come after it', async () => {
    const world = await makeWorld();
    const { clock, gateway, student } = world;
    gateway.open({ ...QUESTION, windowMs: 60_000 });
    await clock.pass(1000);
    await choose(world, 0);
    gateway.isDown = true;
    gateway.break();
    await student.page.answer(1, null);
    await clock.pass(500);
    equal(student.page.view.value.kind, 'sending');
    await student.open();
    gateway.isDown = false;
    await clock.pass(40_000);
    deepEqual([shown(world), valueOf(world), student.store.kept.size], ['answered 1', 1, 0]);
  });

  it('in two tabs has what she chose last, though the clock of the other is ahead', async () => {
    const world = await makeWorld();
    const { clock, gateway, student } = world;
    const other = new Student(clock, gateway);
    other.clockErrorMs = 1500;
    gateway.open({ ...QUESTION, windowMs: 60_000 });
    await clock.pass(1000);
    await choose(world, 0);
    // The second tab knows of it by its welcome, and the first of the second's when it is loaded again.
    await other.open();
    await clock.pass(1000);
    const second = { ...world, student: other };
    await choose(second, 1);
    deepEqual([shown(second), valueOf(world)], ['answered 1', 1]);
    await student.open();
    await clock.pass(200);
    await choose(world, 2);
    deepEqual([shown(world), valueOf(world)], ['answered 2', 2]);
  });

  it('is told when she has changed it as often as she may, and which one counts', async () => {
    const world = await makeWorld();
    world.gateway.changesLeft = 1;
    world.gateway.open(QUESTION);
    await world.clock.pass(1000);
    for (const value of [0, 1, 2]) await choose(world, value);
    deepEqual([shown(world), valueOf(world)], ['confirmed 1', 1]);
    const { value: view } = world.student.page.view;
    ok(view.kind === 'confirmed' && view.isFixed);
    await choose(world, 2);
    equal(valueOf(world), 1);
  });

  it('never loses her newest answer, whatever happens to line, server and page', async () => {
    const deed = fc.constantFrom('break', 'down', 'up', 'deaf', 'hears', 'reload', 'block', 'wait', 0, 1, 2);
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 16 }), async (deeds) => {
        const world = await makeWorld();
        const { clock, gateway, student } = world;
        gateway.open({ ...QUESTION, windowMs: 600_000, graceMs: 120_000 });
        await clock.pass(1000);
        let newest: AnswerValue | undefined;
        for (const what of deeds) {
          if (what === 'break') gateway.break();
          if (what === 'down') gateway.isDown = true;
          if (what === 'up') gateway.isDown = false;
          if (what === 'deaf') gateway.isDeaf = true;
          if (what === 'hears') gateway.isDeaf = false;
          if (what === 'block') gateway.blocksSockets = !gateway.blocksSockets;
          if (what === 'reload') await student.open();
          if (typeof what === 'number') {
            const mayAnswer = ['asking', 'answered'].includes(student.page.view.value.kind);
            if (mayAnswer) newest = what;
            await student.page.answer(what, null);
          }
          await clock.pass(700);
        }
        gateway.isDown = false;
        gateway.isDeaf = false;
        await clock.pass(100_000);
        equal(valueOf(world), newest);
        equal(student.store.kept.size, 0);
        equal(shown(world), newest === undefined ? 'asking' : `answered ${newest}`);
      }),
      { numRuns: 60 },
    );
  });
});

const AT_MS = 1_581_899_400_000;
const CALL: CallFrame = {
  ...{ type: 'call', callId: 'k1', kind: 'choice', prompt: '?', choices: ['A', 'B'], changeable: true },
  ...{ atProgramTimeMs: AT_MS, windowMs: 20_000, graceMs: 30_000 },
};
const frame = (sent: ServerFrame): CallEvent => ({ kind: 'frame', frame: sent });
const at = (serverMs: number, playheadMs = serverMs): CallEvent => ({
  kind: 'moment',
  moment: { serverMs: AT_MS + serverMs, playheadMs: AT_MS + playheadMs, stillMs: 0 },
});
const tapped = (answerId: string): CallEvent => ({ kind: 'tapped', callId: 'k1', answerId });
const ack = (answerId: string, sequence: number, duplicate = false): CallEvent =>
  frame({
    ...{ type: 'ack', callId: 'k1', answerId, status: 'present', duplicate },
    counted: { value: sequence % 2, sequence },
  });
const after = (...events: readonly CallEvent[]): CallState => events.reduce(callStateAfter, EMPTY_CALL_STATE);
const viewAfter = (...events: readonly CallEvent[]): string => {
  const view = callStateView(after(...events));
  return `${view.kind} ${'value' in view ? String(view.value) : ''}`.trim();
};

describe('the state of a call whose answers may be changed', () => {
  const first = [frame(CALL), at(100), tapped('answer-1'), ack('answer-1', 1)];
  for (const { name, events, want } of [
    { name: 'shows the answer that counts', events: first, want: 'answered 1' },
    { name: 'is sending when she changes it', events: [...first, tapped('answer-2')], want: 'sending' },
    {
      name: 'is not confirmed by the ack of the answer before',
      events: [...first, tapped('answer-2'), ack('answer-1', 1)],
      want: 'sending',
    },
    {
      name: 'has the new one when its ack is there, and an older ack takes nothing back',
      events: [...first, tapped('answer-2'), ack('answer-2', 2), ack('answer-1', 1)],
      want: 'answered 0',
    },
    { name: 'ends with her window', events: [...first, at(20_001)], want: 'none' },
    {
      name: 'ends when the teacher closes the question',
      events: [...first, frame({ type: 'closed', callId: 'k1', atProgramTimeMs: AT_MS + 4000 }), at(6200)],
      want: 'none',
    },
    {
      name: 'goes on with hers where a change is refused',
      events: [
        ...[...first, tapped('answer-2')],
        frame({ type: 'refused', code: 'bad-answer', reason: '', answerId: 'answer-2' }),
      ],
      want: 'answered 1',
    },
    {
      name: 'after a reload shows nothing before she hears the question',
      events: [
        at(500, -100),
        frame({
          ...{ type: 'welcome', serverTimeMs: AT_MS, sub: 'li', name: 'li', role: 'student', call: CALL },
          answered: { callId: 'k1', status: 'present', counted: { value: 1, sequence: 1 } },
        }),
      ],
      want: 'none',
    },
    {
      name: 'gives way to an older question that she has not answered',
      events: [
        ...[frame({ ...CALL, callId: 'k0', atProgramTimeMs: AT_MS - 15_000 }), ...first],
        frame({ ...CALL, callId: 'k0', atProgramTimeMs: AT_MS - 15_000 }),
      ],
      want: 'asking',
    },
  ] as const) {
    it(name, () => equal(viewAfter(...events), want));
  }
});

describe('what a student reads of her answer', () => {
  const textOf =
    (language: Language): Parameters<typeof answeredSentences>[1] =>
    (key, values) =>
      fillIn(ROLLCALL_STRINGS[language][key], values);
  const answered = { kind: 'answered', call: CALL, value: 1, leftMs: 1, stalled: false } as const;
  const confirmed = {
    kind: 'confirmed',
    call: CALL,
    status: 'present',
    isOther: false,
    isFixed: false,
  } as const;
  for (const { name, sentences, want } of [
    {
      name: 'that she may change',
      sentences: (language: Language) => answeredSentences({ ...answered, isOther: false }, textOf(language)),
      want: [
        'Your answer: B. You can change it until the question closes.',
        '你的回答：B。 提问结束前可以修改。',
      ],
    },
    {
      name: 'of which the last change was not taken',
      sentences: (language: Language) => answeredSentences({ ...answered, isOther: true }, textOf(language)),
      want: [
        'Your last change does not count. Your answer: B. You can change it until the question closes.',
        '刚才的修改没有生效。 你的回答：B。 提问结束前可以修改。',
      ],
    },
    {
      name: 'that was changed too often',
      sentences: (language: Language) =>
        confirmedSentences({ ...confirmed, value: 1, isOther: true, isFixed: true }, textOf(language)),
      want: ['Your answer: B. It cannot be changed any more.', '你的回答：B。 不能再修改了。'],
    },
    {
      name: 'that came too late to change it',
      sentences: (language: Language) =>
        confirmedSentences({ ...confirmed, value: 0, isOther: true }, textOf(language)),
      want: ['Your last change does not count. Your answer: A.', '刚才的修改没有生效。 你的回答：A。'],
    },
    {
      name: 'that cannot be changed, as ever',
      sentences: (language: Language) =>
        confirmedSentences({ ...confirmed, isOther: true }, textOf(language)),
      want: ['You have answered already. Your first answer counts.', '你已经回答过了，以第一次为准。'],
    },
    {
      name: 'that is a number, in its own words',
      sentences: (language: Language) => {
        const call = { ...CALL, kind: 'number', choices: [] } as const;
        return confirmedSentences({ ...confirmed, call, value: 2.5 }, textOf(language));
      },
      want: ['The teacher has your answer. Your answer: 2.5.', '老师已收到你的回答。 你的回答：2.5。'],
    },
  ]) {
    it(name, () =>
      deepEqual(
        (['en', 'zh'] as const).map((language) => sentences(language).join(' ')),
        want,
      ),
    );
  }
});

describe('a pending change in the browser', () => {
  it('has its place among her answers', () => {
    const pending = {
      ...{ channel: 'hall-7', owner: 'li', tappedMs: AT_MS },
      frame: {
        type: 'answer',
        callId: 'k1',
        answerId: 'answer-1',
        tapProgramTimeMs: 1,
        latencyMs: 2,
        sequence: 3,
      },
    };
    deepEqual(readPendingAnswer(structuredClone(pending)), pending);
  });
});
