import { equal } from 'node:assert/strict';
import { FrameBudget } from '../../../rollcall/gateway/frame-budget.ts';

describe('the frames that a client may send', () => {
  const spend = (budget: FrameBudget, frames: number, sinceLastMs = 0): number => {
    let allowed = 0;
    for (let i = 0; i < frames; i++) if (budget.spend(sinceLastMs)) allowed++;
    return allowed;
  };

  it('are 40 at once', () => equal(spend(new FrameBudget(), 41), 40));

  it('are five a second after that, without an end', () => {
    const budget = new FrameBudget();
    equal(spend(budget, 40), 40);
    equal(spend(budget, 1000, 200), 1000);
    equal(budget.spend(0), false);
  });

  it('are no more after a long silence', () => {
    const budget = new FrameBudget();
    equal(budget.spend(3_600_000), true);
    equal(spend(budget, 40), 39);
  });
});
