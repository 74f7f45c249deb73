import { type MochaOptions, reporters, type Runner } from 'mocha';

/** How long what the tests left open may keep the process alive before that counts as a failure, in milliseconds. */
const LEFT_OPEN_MS = 15_000;
/** A long run says how far it is after each such share of its tests … */
const SAID_SHARE = 0.05;
/** … and a short one does not. */
const LONG_RUN = 200;

/**
 * Mocha's spec reporter with a last line for machines: `12 passed, 0 failed`, alone and after everything else.
 *
 * Between them a long run says how far it is: `1200 of 4300 tests`.
 *
 * A process that stays alive after its tests is ended with status 1, and what kept it is named: a run that hangs says nothing.
 */
export default class CountReporter extends reporters.Spec {
  readonly #sayCounts = (): void => {
    // A crash between two tests leaves mocha's own count at 0 failures.
    const failed = Math.max(this.stats.failures, process.exitCode === 0 ? 0 : 1);
    process.stdout.write(`\n${this.stats.passes} passed, ${failed} failed\n`);
  };

  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    runner.once('start', () => process.once('exit', this.#sayCounts));
    let done = 0;
    let saidAt = 0;
    runner.on('test end', () => (done += 1));
    // Before the title of the suite, which the spec reporter writes.
    runner.prependListener('suite', (suite) => {
      const { total } = runner;
      if (suite.parent?.root !== true || total < LONG_RUN || done - saidAt < total * SAID_SHARE) return;
      saidAt = done;
      process.stdout.write(`\n${done} of ${total} tests\n`);
    });
  }

  /** Called by mocha at the end. @param failures tests and hooks that failed; 1 when no test ran */
  override done(failures: number, finish: (failures: number) => void): void {
    process.exitCode = failures === 0 ? 0 : 1;
    // Registered anew: after whatever the tests wait for the exit with.
    process.removeListener('exit', this.#sayCounts).once('exit', this.#sayCounts);
    const late = setTimeout(() => {
      const kept = process
        .getActiveResourcesInfo()
        .filter((kind) => kind !== 'TTYWrap' && kind !== 'PipeWrap');
      process.stdout.write(`the tests left open: ${kept.join(', ')}\n`);
      process.exit(1);
    }, LEFT_OPEN_MS);
    late.unref();
    finish(failures);
  }
}
