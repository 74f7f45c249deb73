/** The channel that the sample lecture goes to. */
export const DEMO_CHANNEL = 'demo';

/**
 * The configuration of `lectern demo` where none is given, as YAML. Its keys stand in the README: it is for one machine on
 * which nothing is at stake.
 */
export const DEMO_CONFIG_YAML = `# Written by "lectern demo" anew at each start. To keep changes, copy it and name the copy with --config.
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
