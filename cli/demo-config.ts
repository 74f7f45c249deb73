/** The channel that the sample lecture goes to. */
export const DEMO_CHANNEL = 'demo';

/** Where the demo listens: its publish keys are public, so nobody but this machine reaches it unless that is asked for. */
const DEMO_HOST = '127.0.0.1';

/**
 * The configuration of `lectern demo` when none is given, as YAML. Its publish keys are public (README), so it is only for
 * trying Lectern out.
 *
 * @param host an address to listen on, `0.0.0.0` for all
 */
export function demoConfigYaml(host = DEMO_HOST): string {
  return `# Overwritten by "lectern demo" at each start. To change it, copy it and pass the copy with --config.
http: {host: ${JSON.stringify(host)}}
rtmp: {host: ${JSON.stringify(host)}}
channels:
  - id: demo
    title: Grade 7 - Sound and waves
    grade: 7
    subject: Physics
    teacher: The sample lecture
    language: en
    publishKey: demo-stream-key
  - id: hall-7
    title: Hall 7 - publish here from OBS or ffmpeg
    grade: 7
    publishKey: hall-7-stream-key
latency: fast
access: open
`;
}
