/** The channel that the sample lecture goes to. */
export const DEMO_CHANNEL = 'demo';

/**
 * The configuration of `lectern demo` when none is given, as YAML. Its publish keys are public (README), so it is only for
 * trying Lectern out.
 */
export const DEMO_CONFIG_YAML = `# Overwritten by "lectern demo" at each start. To change it, copy it and pass the copy with --config.
channels:
  - id: demo
    title: Grade 7 - Sound and waves
    grade: 7
    subject: Physics
    teacher: The sample lecture
    language: en
    publishKey: demo-key
  - id: hall-7
    title: Hall 7 - publish here from OBS or ffmpeg
    grade: 7
    publishKey: hall-7-key
latency: fast
access: open
`;
