import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { type Call, windowEndMs } from '../../../rollcall/protocol/call.ts';
import { callFrame } from '../../../rollcall/protocol/frames.ts';
import { BEGAN_MS, FakeGateway, Student, TestClock } from './rollcall-world.ts';

type World = { readonly clock: TestClock; readonly gateway: FakeGateway; readonly student: Student };

async function makeWorld(prepare: (world: World) => void = () => {}): Promise<World> {
  const clock = new TestClock();
  const gateway = new FakeGateway(clock);
  const world = { clock, gateway, student: new Student(clock, gateway) };
  prepare(world);
  await world.student.open();
  return world;
}
const kindOf = ({ student }: World): string => student.page.view.value.kind;
const statusOf = ({ gateway }: World, sub = 'li'): string | undefined =>
  gateway.answers.get(`${sub} ${gateway.call?.callId}`)?.status;

describe('a student in the roll call', () => {
  it('is asked at her playhead, answers, and is told when the teacher has it', async () => {
    const world = await makeWorld();
    const { clock, gateway, student } = world;
    gateway.open();
    await clock.pass(500);
    equal(kindOf(world), 'none');
    await clock.pass(200);
    equal(kindOf(world), 'asking');
    const answered = student.page.answer(null, null);
    equal(kindOf(world), 'sending');
    await answered;
    await clock.pass(100);
    equal(kindOf(world), 'confirmed');
    deepEqual([statusOf(world), gateway.posts, student.store.kept.size], ['present', 0, 0]);
  });

  for (const behindMs of [0, 600, 6000, 29_000]) {
    it(`is present when she answers within her window, ${behindMs} ms behind`, async () => {
      const world = await makeWorld(({ student }) => (student.behindMs = behindMs));
      world.gateway.open();
      while (kindOf(world) !== 'asking') await world.clock.pass(100);
      await world.clock.pass(19_000);
      await world.student.page.answer(null, null);
      await world.clock.pass(100);
      equal(statusOf(world), 'present');
    });
  }

  it('is present though she goes back to hear the question again before she answers', async () => {
    const world = await makeWorld();
    const { clock, gateway, student } = world;
    gateway.open();
    await clock.pass(700);
    equal(kindOf(world), 'asking');
    student.pausedAtMs = gateway.nowMs - 8000;
    await clock.pass(300);
    await student.page.answer(null, null);
    await clock.pass(100);
    deepEqual([kindOf(world), statusOf(world)], ['confirmed', 'present']);
  });

  it('is asked after 5 s when nothing plays, and is as present', async () => {
    const world = await makeWorld(({ student }) => (student.behindMs = null));
    world.gateway.open();
    await world.clock.pass(4900);
    equal(kindOf(world), 'none');
    await world.clock.pass(300);
    equal(kindOf(world), 'asking');
    await world.student.page.answer(null, null);
    await world.clock.pass(100);
    equal(statusOf(world), 'present');
  });

  it('is asked after 5 s when she has paused', async () => {
    const world = await makeWorld();
    world.student.pausedAtMs = BEGAN_MS;
    world.gateway.open();
    await world.clock.pass(5200);
    equal(kindOf(world), 'asking');
  });

  it('is not asked early when her player is put in anew while a call is on its way to her', async () => {
    const world = await makeWorld(({ student }) => (student.behindMs = 8000));
    world.gateway.open();
    await world.clock.pass(6000);
    world.student.behindMs = null;
    await world.clock.pass(800);
    world.student.behindMs = 8000;
    await world.clock.pass(500);
    equal(kindOf(world), 'none');
    await world.clock.pass(1000);
    equal(kindOf(world), 'asking');
  });

  for (const clockErrorMs of [-120_000, -3000, 700, 120_000]) {
    it(`is heard though her clock is ${clockErrorMs} ms off`, async () => {
      const world = await makeWorld(({ student }) => (student.clockErrorMs = clockErrorMs));
      world.gateway.open();
      await world.clock.pass(3000);
      await world.student.page.answer(null, null);
      await world.clock.pass(100);
      equal(statusOf(world), 'present');
    });
  }

  it('sends by POST what no ack comes for on the line', async () => {
    const world = await makeWorld();
    const { clock, gateway, student } = world;
    gateway.open();
    await clock.pass(1000);
    gateway.isDeaf = true;
    await student.page.answer(null, null);
    await clock.pass(1400);
    equal(gateway.posts, 0);
    await clock.pass(200);
    equal(gateway.posts, 1);
    equal(kindOf(world), 'sending');
    gateway.isDeaf = false;
    await clock.pass(5000);
    equal(kindOf(world), 'confirmed');
    equal(gateway.answers.size, 1);
  });

  it('answers by POST where only event streams get through', async () => {
    const world = await makeWorld(({ gateway }) => (gateway.blocksSockets = true));
    const { clock, gateway, student } = world;
    while (!gateway.hasLine) await clock.pass(500);
    gateway.open();
    await clock.pass(1000);
    await student.page.answer(null, null);
    await clock.pass(100);
    deepEqual([kindOf(world), gateway.posts], ['confirmed', 1]);
  });

  it('keeps her tap over a reload, and is not asked again', async () => {
    const world = await makeWorld();
    const { clock, gateway, student } = world;
    gateway.open();
    await clock.pass(1000);
    gateway.isDown = true;
    gateway.break();
    await student.page.answer(null, null);
    equal(student.store.kept.size, 1);
    await student.open();
    await clock.pass(5000);
    equal(kindOf(world), 'none');
    gateway.isDown = false;
    student.seen.length = 0;
    await clock.pass(31_000);
    equal(statusOf(world), 'present');
    equal(student.store.kept.size, 0);
    ok(!student.seen.some((seen) => seen.startsWith('asking')), student.seen.join());
  });

  it('does not send the tap of who used this browser before her, and keeps it for that one', async () => {
    const world = await makeWorld();
    const { clock, gateway, student } = world;
    gateway.open();
    await clock.pass(1000);
    gateway.isDown = true;
    gateway.break();
    await student.page.answer(null, null);
    student.token = 'wang';
    gateway.isDown = false;
    await student.open();
    await clock.pass(3000);
    deepEqual([statusOf(world, 'wang'), statusOf(world), kindOf(world)], [undefined, undefined, 'asking']);
    student.token = 'li';
    await student.open();
    await clock.pass(1000);
    equal(statusOf(world), 'present');
  });

  it('leaves a server alone that is away: fewer and fewer tries', async () => {
    const world = await makeWorld();
    const { clock, gateway, student } = world;
    gateway.open({ graceMs: 120_000 });
    await clock.pass(1000);
    gateway.isDown = true;
    gateway.break();
    await student.page.answer(null, null);
    await clock.pass(120_000);
    ok(gateway.posts < 16, String(gateway.posts));
    gateway.isDown = false;
    await clock.pass(16_000);
    equal(statusOf(world), 'present');
  });

  it('is asked once more when her answer does not fit, and says why no other counts', async () => {
    const world = await makeWorld();
    world.gateway.open({ kind: 'choice', choices: ['a', 'b'] });
    await world.clock.pass(1000);
    await world.student.page.answer(7, null);
    await world.clock.pass(100);
    const { value: view } = world.student.page.view;
    ok(view.kind === 'asking' && view.isAgain);
    await world.student.page.answer(1, null);
    await world.clock.pass(100);
    equal(statusOf(world), 'present');
  });

  for (const [refusal, want] of [
    ['denied', 'denied'],
    ['absent', 'off'],
  ] as const) {
    it(`comes no more where the roll call is ${want}`, async () => {
      const world = await makeWorld(({ gateway }) => (gateway.refusal = refusal));
      await world.clock.pass(100_000);
      deepEqual([world.student.page.line.value, kindOf(world), world.gateway.posts], [want, 'none', 0]);
    });
  }

  it('tells each minute once, by whatever way there is, also those from before the line came back', async () => {
    const world = await makeWorld();
    const { clock, gateway } = world;
    const first = Math.floor((BEGAN_MS + clock.nowMs) / 60_000);
    await clock.pass(70_000);
    gateway.isDown = true;
    gateway.break();
    await clock.pass(130_000);
    gateway.isDown = false;
    gateway.blocksSockets = true;
    await clock.pass(180_000);
    deepEqual(
      gateway.minutes.toSorted((a, b) => a - b),
      [0, 1, 2, 3, 4, 5].map((i) => first + i),
    );
  });

  it('keeps minutes that the line refuses for now, and sends them again', async () => {
    const world = await makeWorld();
    const { clock, gateway } = world;
    const first = Math.floor((BEGAN_MS + clock.nowMs) / 60_000);
    gateway.minutesLeft = 1;
    await clock.pass(200_000);
    deepEqual(gateway.minutes, [first]);
    gateway.minutesLeft = 100;
    await clock.pass(60_000);
    deepEqual(
      gateway.minutes.toSorted((a, b) => a - b),
      [0, 1, 2, 3].map((i) => first + i),
    );
  });

  it('is not asked after a reload when her call is told again before the welcome', async () => {
    const world = await makeWorld();
    const { clock, gateway, student } = world;
    const call = gateway.open();
    await clock.pass(1000);
    await student.page.answer(null, null);
    await clock.pass(100);
    gateway.break();
    gateway.isDeaf = true;
    await student.open();
    gateway.isDeaf = false;
    student.seen.length = 0;
    gateway.open({ ...call, windowMs: 40_000 });
    await clock.pass(20_000);
    deepEqual([student.seen, kindOf(world)], [[], 'none']);
  });

  it('loses no tap and is never asked twice, whatever happens to line, server and page', async () => {
    const deed = fc.constantFrom('break', 'down', 'up', 'deaf', 'hears', 'reload', 'block', 'extend', 'wait');
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 12 }), fc.array(deed, { maxLength: 12 }), async (a, b) => {
        const world = await makeWorld();
        const { clock, gateway, student } = world;
        const happen = async (what: string): Promise<void> => {
          if (what === 'break') gateway.break();
          if (what === 'down') gateway.isDown = true;
          if (what === 'up') gateway.isDown = false;
          if (what === 'deaf') gateway.isDeaf = true;
          if (what === 'hears') gateway.isDeaf = false;
          if (what === 'block') gateway.blocksSockets = !gateway.blocksSockets;
          if (what === 'reload') await student.open();
          if (what === 'extend' && gateway.call !== null) {
            gateway.open({ ...gateway.call, windowMs: gateway.call.windowMs + 5000 });
          }
          await clock.pass(700);
        };
        gateway.open({ graceMs: 120_000 });
        await clock.pass(1000);
        equal(kindOf(world), 'asking');
        for (const what of a) await happen(what);
        // She taps as soon as she is asked: at once, or when her page is there again.
        gateway.isDown &&= kindOf(world) === 'asking';
        while (kindOf(world) !== 'asking') {
          gateway.isDeaf = false;
          await clock.pass(1000);
        }
        await student.page.answer(null, null);
        student.seen.length = 0;
        for (const what of b) await happen(what);
        gateway.isDown = false;
        gateway.isDeaf = false;
        const call = gateway.call;
        while (statusOf(world) === undefined && call !== null && gateway.nowMs < windowEndMs(call) + 100_000)
          await clock.pass(1000);
        ok(statusOf(world) !== undefined, 'the tap is there');
        await clock.pass(40_000);
        equal(student.store.kept.size, 0);
        equal(kindOf(world), 'none');
        ok(!student.seen.some((seen) => seen.startsWith('asking')), student.seen.join());
      }),
      { numRuns: 60 },
    );
  });
});

describe('a student without a connection to the roll call', () => {
  const listed = (call: Call, isClosed = false) => ({ frame: callFrame(call), isClosed });
  const cutOff = async (): Promise<World> => {
    const world = await makeWorld();
    world.gateway.swallows = ['web-socket', 'event-stream', 'polling'];
    world.gateway.break();
    await world.clock.pass(100);
    return world;
  };

  it('is asked what the playlist lists at her own playhead, and answers by POST', async () => {
    const world = await cutOff();
    const { clock, gateway, student } = world;
    student.behindMs = 5000;
    const call = gateway.open();
    student.inPlaylist = [listed(call)];
    await clock.pass(4500);
    equal(kindOf(world), 'none');
    await clock.pass(600);
    equal(kindOf(world), 'asking');
    await student.page.answer(null, null);
    await clock.pass(100);
    deepEqual([kindOf(world), statusOf(world), gateway.posts], ['confirmed', 'present', 1]);
    await clock.pass(10_000);
    deepEqual(
      student.seen.filter((seen) => seen.startsWith('asking')),
      [`asking ${call.callId}`],
    );
  });

  it('is late when the playlist says that it was closed, and in time again when it is extended', async () => {
    const world = await cutOff();
    const { clock, gateway, student } = world;
    const call = gateway.open();
    student.inPlaylist = [listed(call)];
    await clock.pass(1000);
    const leftMs = (): number => {
      const view = student.page.view.value;
      return view.kind === 'asking' ? view.leftMs : Number.NaN;
    };
    ok(leftMs() > 19_000);
    student.inPlaylist = [listed({ ...call, windowMs: 800 }, true)];
    await clock.pass(2000);
    equal(leftMs(), 0);
    student.inPlaylist = [listed({ ...call, windowMs: 30_000 })];
    await clock.pass(200);
    ok(leftMs() > 20_000);
  });

  it('is not asked twice when the connection comes back, nor what she has answered', async () => {
    const world = await cutOff();
    const { clock, gateway, student } = world;
    const call = gateway.open();
    student.inPlaylist = [listed(call)];
    await clock.pass(1000);
    await student.page.answer(null, null);
    gateway.swallows = [];
    await clock.pass(60_000);
    equal(gateway.hasLine, true);
    deepEqual(
      student.seen.filter((seen) => seen.startsWith('asking')),
      [`asking ${call.callId}`],
    );
    equal(gateway.answers.size, 1);
  });

  it('is not asked what she answered before the page was opened', async () => {
    const world = await makeWorld();
    const { clock, gateway, student } = world;
    const call = gateway.open();
    await clock.pass(1000);
    await student.page.answer(null, null);
    await clock.pass(200);
    student.inPlaylist = [listed(call)];
    student.seen.length = 0;
    await student.open();
    await clock.pass(5000);
    equal(
      student.seen.some((seen) => seen.startsWith('asking')),
      false,
    );
  });
});
