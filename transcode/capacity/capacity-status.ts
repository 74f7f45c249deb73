import { z } from 'zod';

const cores = z.number();

/** See {@link CapacityStatus}. */
export const capacityStatusSchema = z
  .object({
    cores: cores.meta({ description: 'Cores that the worker’s process may use, cgroup limits included' }),
    limit: z.enum(['processors', 'affinity', 'cgroup']).meta({ description: 'What limits them' }),
    bearableCores: cores.meta({ description: 'Cores that its encoders may use together now' }),
    usedCores: cores.meta({ description: 'Cores that its broadcasts need as they are encoded now' }),
    missingCores: cores.meta({
      description: 'Cores that are missing for the full ladders of all its broadcasts; above 0, add workers',
    }),
    isCalibrated: z.boolean().meta({ description: 'Whether costs were measured on this machine' }),
    correction: z.number().meta({ description: 'Measured cost of broadcasts by estimated cost' }),
    load: z
      .object({
        idleCores: cores.nullable().meta({ description: 'Null where the system does not tell' }),
        stolenCores: cores.meta({ description: 'Given to other machines by the hypervisor' }),
        ownCores: cores.meta({ description: 'Used by this process without its ffmpegs' }),
        ffmpegCores: cores,
        pressure: z
          .number()
          .nullable()
          .meta({ description: 'Share of the last 10 s in which somebody waited for a processor' }),
      })
      .nullable()
      .meta({ description: 'Averaged over some seconds; null just after the start' }),
    jobs: z.array(
      z.object({
        channel: z.string(),
        broadcast: z.string(),
        priority: z.int(),
        level: z.int().meta({ description: 'Level of its plan; 0 is the full ladder' }),
        grantedLevel: z.int().meta({ description: 'Heaviest level that fits beside the others' }),
        cores: cores.meta({ description: 'What it needs at its level' }),
        fullCores: cores.meta({ description: 'What its full ladder needs' }),
        measuredCores: cores.nullable().meta({ description: 'What its ffmpegs used in the last seconds' }),
      }),
    ),
  })
  .meta({ id: 'WorkerCapacity' });

/** What a transcode worker bears and uses. */
export type CapacityStatus = z.output<typeof capacityStatusSchema>;
