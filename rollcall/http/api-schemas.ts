import { z } from 'zod';
import { utcMs } from '../../shared/openapi/parameters.ts';
import { ANSWER_STATUSES } from '../protocol/answer.ts';
import { CALL_KINDS } from '../protocol/call.ts';
import { LIMITS } from '../protocol/limits.ts';
import { COLUMN_USES, NOTE_CODES, PROBLEM_CODES } from '../protocol/roster-preview.ts';

/**
 * The bodies of the roll call's API as schemas, for the OpenAPI document. Requests are checked by `protocol/`, which the
 * student's page shares and which therefore has no zod; a test holds the two together.
 */

/** Id of a call. */
export const callIdSchema = z.string().regex(/^[a-z0-9]{1,32}$/);

const { windowMinMs, windowMaxMs, windowDefaultMs, graceMinMs, graceMaxMs, graceDefaultMs } = LIMITS;
const windowMs = z.int().min(windowMinMs).max(windowMaxMs);
const kind = z.enum(CALL_KINDS);
const status = z.enum(ANSWER_STATUSES);
const value = z
  .union([z.number(), z.string(), z.null()])
  .meta({ description: 'Index of a choice, a number or a text; null for "here!" and a raised hand' });

const prompt = z.string().min(1).max(LIMITS.promptLength);
const durations = {
  windowMs: windowMs.optional().meta({
    description: `How long a student has from when she hears it, milliseconds; ${windowDefaultMs} when left out`,
  }),
  graceMs: z
    .int()
    .min(graceMinMs)
    .max(graceMaxMs)
    .optional()
    .meta({
      description: `How long answers are accepted after that, milliseconds; ${graceDefaultMs} when left out`,
    }),
};

const changeable = z
  .boolean()
  .optional()
  .meta({ description: 'A student may answer again within her window, and her newest answer counts' });

/** What opens a call; see `checkQuestion`. */
export const questionSchema = z
  .union([
    z.strictObject({
      kind: z.literal('choice'),
      prompt,
      choices: z
        .array(z.string().min(1).max(LIMITS.choiceLength))
        .min(LIMITS.choicesMin)
        .max(LIMITS.choicesMax)
        .meta({ description: 'No two alike' }),
      ...durations,
      changeable,
    }),
    z.strictObject({ kind: kind.extract(['number', 'text']), prompt, ...durations, changeable }),
    z.strictObject({ kind: kind.extract(['presence', 'hand']), prompt, ...durations }),
  ])
  .meta({ id: 'Question' });

/** What changes a call. */
export const callChangeSchema = z.union([
  z.strictObject({ close: z.literal(true) }),
  z.strictObject({ windowMs }),
]);

const sequence = z.int();

/** A student's answer; see `checkClaim`. */
export const answerSchema = z
  .strictObject({
    answerId: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/),
    value: value.optional(),
    tapProgramTimeMs: utcMs,
    latencyMs: z
      .number()
      .min(-LIMITS.clockSlackMs)
      .max(86_400_000)
      .meta({ description: 'How far her playhead is behind the clock, milliseconds' }),
    stalled: z.boolean().optional().meta({ description: 'Her player stood still when she was asked' }),
    sequence: sequence.min(1).optional().meta({
      description:
        'Greater for each new answer to a call whose answers may be changed; the time of the tap when left out',
    }),
  })
  .meta({ id: 'Answer' });

/** The confirmation that an answer is durable. */
export const ackSchema = z
  .object({
    type: z.literal('ack'),
    callId: callIdSchema,
    answerId: z.string(),
    status,
    duplicate: z
      .boolean()
      .meta({ description: 'Another answer of this student counts; the status is that one’s' }),
    counted: z
      .object({ value, sequence: sequence.min(0) })
      .optional()
      .meta({
        description: 'The answer that counts, of a call whose answers may be changed',
      }),
  })
  .meta({ id: 'Ack' });

/** A minute that was watched; see `checkMinute`. */
export const watchedSchema = z.object({
  minute: z.int().min(0).meta({ description: 'Program date time, minutes since the epoch' }),
});

/** What a guest sends. */
export const guestSchema = z.object({
  name: z.string().min(1).max(LIMITS.nameLength),
  token: z.string().optional().meta({ description: 'An earlier token, to stay the same guest' }),
});

/** What a guest gets. */
export const guestTokenSchema = z.object({
  token: z.string(),
  sub: z.string(),
  name: z.string(),
  expiresMs: utcMs,
  isShared: z.boolean().meta({
    description:
      'Several on the class list have this name: with her class or number behind it, `Ann Lee 7-1`, she is counted as the right one. Without them as none of them',
  }),
});

const tallySchema = z
  .object({
    type: z.literal('tally'),
    callId: callIdSchema,
    present: z.int(),
    late: z.int(),
    replay: z.int(),
    absent: z.int(),
    total: z
      .int()
      .meta({ description: 'The class list, or those who were asked: the sum of the four above' }),
    strangers: z.int().meta({ description: 'Answers of people who are not on the class list' }),
    connected: z.int(),
    values: z.array(z.object({ value: z.number(), count: z.int() })),
    reactionP50Ms: z.number().nullable(),
    reactionP90Ms: z.number().nullable(),
    changed: z.array(
      z.object({
        ...{ sub: z.string(), name: z.string(), status, value, reactionMs: z.number() },
        beside: z.string().optional().meta({ description: 'Class or number, where others have her name' }),
      }),
    ),
  })
  .meta({ id: 'Tally', description: 'The counts of a call, for teachers' });

/** A call, as the API answers. */
export const callSchema = z
  .object({
    callId: callIdSchema,
    kind,
    prompt: z.string(),
    choices: z.array(z.string()).optional(),
    atProgramTimeMs: utcMs,
    windowMs: z.number(),
    graceMs: z.number(),
    changeable,
    phase: z.enum(['open', 'grace', 'over']),
    broadcast: z.string().nullable(),
    tally: tallySchema.optional(),
    thisLesson: z.boolean().optional().meta({
      description: 'In a list: the call is of the class on air; while none is, of the newest lesson',
    }),
  })
  .meta({ id: 'Call' });

/** A channel's roll call, for its teacher. */
export const rollCallSchema = z.object({
  serverTimeMs: utcMs,
  connected: z.int().meta({ description: 'Students who are connected' }),
  roster: z.object({ size: z.int() }),
  lesson: z
    .object({ broadcast: z.string().nullable(), startMs: utcMs.nullable() })
    .meta({ description: 'The broadcast on air; null while none is' }),
  calls: z.array(callSchema).meta({ description: 'Newest first' }),
});

const rosterEntry = z
  .object({ id: z.string(), name: z.string(), group: z.string() })
  .meta({ id: 'RosterEntry' });

/** A class list, as it is sent; see `readRosterJson`. */
export const rosterInputSchema = z.array(
  z.object({
    id: z.union([z.string().min(1).max(LIMITS.idLength), z.int().min(0)]),
    name: z.string().min(1).max(LIMITS.nameLength),
    group: z.string().max(LIMITS.groupLength).optional(),
  }),
);

const words = z
  .array(z.string())
  .meta({ description: 'What the sentence is about: headings, places, values' });

const rosterColumns = z.array(z.object({ heading: z.string(), use: z.enum(COLUMN_USES).nullable() }));
const rosterRows = z.array(z.object({ line: z.int(), cells: z.array(z.string()) }));
const table = z
  .object({
    sheets: z.array(z.string()).meta({ description: 'Visible sheets with something in them; [] of a text' }),
    sheet: z.string().meta({ description: 'The one that is shown: the first that is read' }),
    headingLine: z.int().meta({ description: '0 where there are no headings' }),
    top: rosterRows.meta({ description: 'The first twelve rows: one of them may have the headings' }),
    columns: rosterColumns,
    rows: rosterRows.meta({ description: 'The first five rows below the headings' }),
  })
  .nullable()
  .meta({ description: 'Null where the file is no table' });

/** How a class list would be understood; see `RosterPreview`. */
export const rosterPreviewSchema = z
  .union([
    z.object({
      kind: z.literal('readable'),
      size: z.int(),
      columns: rosterColumns,
      entries: z.array(rosterEntry).meta({ description: 'The first ten' }),
      notes: z.array(z.object({ code: z.enum(NOTE_CODES), words })),
      table,
    }),
    z.object({
      kind: z.literal('refused'),
      problem: z.object({ code: z.enum(PROBLEM_CODES), place: z.string(), words }),
      message: z.string().meta({ description: 'The problem as a sentence in English' }),
      table,
    }),
  ])
  .meta({ id: 'RosterPreview' });

/** A class list, as the API answers. */
export const rosterSchema = z.object({ entries: z.array(rosterEntry) });

const beside = z.string().meta({
  description:
    'What tells her from others of her name on the class list: class or number; empty where she is the only one',
});

/** A page of the students of a call. */
export const callStudentsSchema = z.object({
  total: z.int(),
  students: z.array(
    z.object({
      ...rosterEntry.shape,
      onRoster: z.boolean(),
      beside,
      status: z.enum([...ANSWER_STATUSES, 'absent']),
      value,
      reactionMs: z.number().nullable(),
    }),
  ),
});

/** The attendance of a lesson. */
export const attendanceSchema = z
  .object({
    channel: z.string(),
    lesson: z.object({ broadcastId: z.string().nullable(), startMs: utcMs, endMs: utcMs }),
    calls: z.array(
      callSchema.pick({ callId: true, kind: true, prompt: true, choices: true, atProgramTimeMs: true }),
    ),
    students: z.array(
      z.object({
        ...rosterEntry.shape,
        onRoster: z.boolean(),
        watchedMinutes: z.int(),
        firstSeenMs: utcMs.nullable(),
        lastSeenMs: utcMs.nullable(),
        answers: z
          .array(
            z.object({
              status: z.enum([...ANSWER_STATUSES, 'absent']),
              value,
              reactionMs: z.number().nullable(),
            }),
          )
          .meta({ description: 'One for each call, in their order' }),
      }),
    ),
  })
  .meta({ id: 'Attendance' });
