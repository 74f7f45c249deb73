import { deepEqual, equal } from 'node:assert/strict';
import { FakeGateway, Student, TestClock } from './rollcall-world.ts';

type World = { readonly clock: TestClock; readonly gateway: FakeGateway; readonly student: Student };

async function makeWorld(prepare: (world: World) => void = () => {}): Promise<World> {
  const clock = new TestClock();
  const gateway = new FakeGateway(clock);
  const world = { clock, gateway, student: new Student(clock, gateway) };
  prepare(world);
  await world.student.open();
  return world;
}
const statusOf = ({ gateway }: World, sub = 'li'): string | undefined =>
  gateway.answers.get(`${sub} ${gateway.call?.callId}`)?.status;

describe('a guest in the roll call', () => {
  const guest = ({ student }: World): void => {
    student.token = null;
  };

  it('is connected before she has a name, and gives it with her first answer', async () => {
    const world = await makeWorld(guest);
    const { clock, gateway, student } = world;
    deepEqual(gateway.names, ['Guest 1']);
    equal(student.page.name.value, '');
    gateway.open();
    await clock.pass(1000);
    await student.page.answer(null, '李雷');
    equal(student.page.name.value, '李雷');
    await clock.pass(1000);
    equal(statusOf(world, 'guest-1'), 'present');
    deepEqual(gateway.names, ['Guest 1', '李雷']);
    deepEqual(gateway.guests, [
      { name: 'Guest 1', token: undefined },
      { name: '李雷', token: 'guest-1 as Guest 1' },
    ]);
    await student.open();
    equal(student.page.name.value, '李雷');
    deepEqual(gateway.names.at(-1), '李雷');
    equal(gateway.guests.length, 2);
  });

  it('is told that several have her name, and stays the guest that she is', async () => {
    const world = await makeWorld(guest);
    const { gateway, student } = world;
    gateway.sharedNames.add('王芳');
    deepEqual([await student.page.isShared('王芳'), await student.page.isShared('李雷')], [true, false]);
    deepEqual(
      gateway.guests.map(({ token }) => token),
      [undefined, 'guest-1 as Guest 1', 'guest-1 as Guest 1'],
    );
    equal(student.page.name.value, '');
    gateway.guestStatus = 503;
    equal(await student.page.isShared('王芳'), false, 'an answer does not wait for this');
    gateway.isDown = true;
    equal(await student.page.isShared('王芳'), false);
  });

  it('answers without her name rather than not at all, when the server makes no guests for now', async () => {
    const world = await makeWorld(guest);
    const { clock, gateway, student } = world;
    gateway.open();
    await clock.pass(1000);
    gateway.guestStatus = 503;
    await student.page.answer(null, '李雷');
    await clock.pass(20_000);
    equal(statusOf(world, 'guest-1'), 'present');
    gateway.guestStatus = 200;
    gateway.break();
    await clock.pass(5000);
    equal(gateway.names.at(-1), '李雷');
  });

  it('is a new guest when the server does not know her any more, and brings the tap that was kept', async () => {
    const world = await makeWorld(guest);
    const { clock, gateway, student } = world;
    gateway.open();
    await clock.pass(1000);
    gateway.isDown = true;
    gateway.break();
    const naming = student.page.answer(null, '李雷');
    await naming;
    student.memory.delete('lectern.rollcall.guest.hall-7');
    gateway.isDown = false;
    await student.open();
    await clock.pass(1000);
    equal(statusOf(world, 'guest-2'), 'present');
  });

  it('is asked who she is in each class, and is another guest then', async () => {
    const world = await makeWorld(guest);
    const { clock, gateway, student } = world;
    student.classId = 'b1';
    gateway.open();
    await clock.pass(1000);
    await student.page.answer(null, '李雷');
    await clock.pass(1000);
    await student.open();
    equal(student.page.name.value, '李雷');
    student.classId = 'b2';
    await clock.pass(1000);
    deepEqual([student.page.name.value, student.page.lastName], ['', '李雷']);
    gateway.open();
    await clock.pass(1000);
    await student.page.answer(null, '韩梅梅');
    await clock.pass(1000);
    deepEqual(
      gateway.guests.map(({ name, token }) => [name, token?.split(' as ')[0]]),
      [
        ['Guest 1', undefined],
        ['李雷', 'guest-1'],
        ['Guest 1', undefined],
        ['韩梅梅', 'guest-3'],
      ],
    );
  });

  it('is another guest when she gives another name in the same class', async () => {
    const world = await makeWorld(guest);
    const { clock, gateway, student } = world;
    gateway.open();
    await clock.pass(1000);
    await student.page.answer(null, '李雷');
    await clock.pass(60_000);
    gateway.open();
    await clock.pass(1000);
    await student.page.answer(null, '韩梅梅');
    await clock.pass(1000);
    deepEqual(gateway.guests.at(-1), { name: '韩梅梅', token: undefined });
    equal(gateway.names.at(-1), '韩梅梅');
    equal(statusOf(world, 'guest-3'), 'present');
  });

  it('is told where guests are not let in', async () => {
    const world = await makeWorld((it) => {
      guest(it);
      it.gateway.guestStatus = 403;
    });
    await world.clock.pass(200_000);
    deepEqual([world.student.page.line.value, world.gateway.guests.length], ['guests-off', 1]);
  });

  it('gets in when a proxy on the way that said no lets her through', async () => {
    const world = await makeWorld((it) => {
      guest(it);
      it.gateway.guestStatus = 403;
      it.gateway.guestRefusal = '<h1>Blocked</h1>';
    });
    await world.clock.pass(5000);
    world.gateway.guestStatus = 200;
    await world.clock.pass(60_000);
    equal(world.student.page.line.value, 'open');
  });
});
