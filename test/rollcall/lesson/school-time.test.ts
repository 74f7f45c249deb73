import { deepEqual, equal } from 'node:assert/strict';
import { SchoolTime } from '../../../rollcall/lesson/school-time.ts';

describe('the time of a school', () => {
  for (const { zone, iso, want } of [
    { zone: 'UTC', iso: '2026-02-17T08:45:34Z', want: '2026-02-17 08:45:34 UTC' },
    { zone: 'Asia/Shanghai', iso: '2026-02-17T08:45:34Z', want: '2026-02-17 16:45:34 +08:00' },
    { zone: 'Asia/Shanghai', iso: '2026-02-17T18:00:00Z', want: '2026-02-18 02:00:00 +08:00' },
    { zone: 'Asia/Kolkata', iso: '2026-02-17T20:00:00Z', want: '2026-02-18 01:30:00 +05:30' },
    { zone: 'America/St_Johns', iso: '2026-02-17T02:00:00Z', want: '2026-02-16 22:30:00 -03:30' },
    { zone: 'Europe/Berlin', iso: '2026-03-29T00:59:59Z', want: '2026-03-29 01:59:59 +01:00' },
    { zone: 'Europe/Berlin', iso: '2026-03-29T01:00:00Z', want: '2026-03-29 03:00:00 +02:00' },
    { zone: 'Europe/Berlin', iso: '2026-10-25T00:59:59Z', want: '2026-10-25 02:59:59 +02:00' },
    { zone: 'Europe/Berlin', iso: '2026-10-25T01:00:00Z', want: '2026-10-25 02:00:00 +01:00' },
    { zone: 'Europe/London', iso: '2026-01-01T00:00:00Z', want: '2026-01-01 00:00:00 UTC' },
  ]) {
    it(`in ${zone} at ${iso} is ${want}`, () => {
      const time = new SchoolTime(zone);
      const ms = Date.parse(iso);
      equal(`${time.moment(ms)} ${time.offset(ms)}`, want);
      deepEqual([time.day(ms), time.clock(ms)], want.split(' ').slice(0, 2));
    });
  }
});
