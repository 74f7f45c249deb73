import { type MochaOptions, reporters, type Runner } from 'mocha';

/** How long what the tests left open may keep the process alive before that counts as a failure, in milliseconds. */
const LEFT_OPEN_MS = 15_000;

/**
 * Mocha's spec reporter with a last line for machines: `12 passed, 0 failed`, alone and after everything else.
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
