import { isIP } from 'node:net';
import { z } from 'zod';
import { isProxyRange } from '../shared/client-address.ts';
import { isChannelId } from '../shared/names.ts';
import { plainText } from '../shared/plain-text.ts';
import { isKey } from '../shared/object-store.ts';
import { isTimeZone, systemTimeZone } from '../shared/time-zone.ts';

/** How far behind the teacher a channel plays: a part's target duration of 0.2, 0.4 or 0.8 s. */
export const LATENCY_PROFILES = ['fast', 'steady', 'broad'] as const;
/** One of {@link LATENCY_PROFILES}. */
export type LatencyProfile = (typeof LATENCY_PROFILES)[number];

/**
 * What a class gives up when its worker has too little computing power. `parallel`: one ffmpeg for each rung, so that the
 * lowest rung goes first; `preset`: x264's fastest preset; `top-rung`: no best rung; `half-rate`: every other picture;
 * `one-rung`: the lowest rung alone; `copy`: the publisher's own pictures, without an encoder.
 */
export const SHED_STEPS = ['parallel', 'preset', 'top-rung', 'half-rate', 'one-rung', 'copy'] as const;
/** One of {@link SHED_STEPS}. */
export type ShedStep = (typeof SHED_STEPS)[number];

const port = z.int().min(0).max(65_535);

const rung = z.strictObject({
  /** Pixels; also gives the rendition its id, `720p`. Never scaled up: a smaller source gets the rungs at or below it. */
  height: z.int().min(120).max(2160).multipleOf(2),
  /** Video bit rate on average, in kbit/s. */
  videoKbps: z.int().min(50).max(50_000),
});

const ladder = z.strictObject({
  /** `transcode` encodes every rung on the grid; `passthrough` encodes no video and cuts at the source's keyframes. */
  mode: z.enum(['transcode', 'passthrough']).default('transcode'),
  /** Best first. Ignored by passthrough. */
  rungs: z
    .array(rung)
    .min(1)
    .max(6)
    .refine((rungs) => new Set(rungs.map((r) => r.height)).size === rungs.length, 'two rungs of one height')
    .default([
      { height: 720, videoKbps: 2200 },
      { height: 480, videoKbps: 900 },
      { height: 360, videoKbps: 500 },
    ]),
  /** Audio bit rate where sound is transcoded, in kbit/s. */
  audioKbps: z.int().min(16).max(512).default(96),
  /** x264's preset: slower ones look better and use more CPU. */
  preset: z.enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium']).default('superfast'),
  /** What is given up when there is too little computing power, in this order; [] gives up nothing. Each step at most once. */
  shed: z
    .array(z.enum(SHED_STEPS))
    .refine((steps) => new Set(steps).size === steps.length, 'a step that is listed twice')
    .default([...SHED_STEPS]),
});

/** The priority of a channel that sets none. */
export const DEFAULT_PRIORITY = 50;

/** A text that pages show. Cleaned, as the API cleans them: a block of YAML ends with a line feed. */
const shownText = (max: number) => z.string().overwrite(plainText).max(max);

const channel = z.strictObject({
  id: z.string().refine(isChannelId, 'want 1 to 64 of a-z, 0-9 and "-"'),
  title: shownText(200).min(1),
  grade: z.int().min(1).max(12).optional(),
  subject: shownText(100).optional(),
  teacher: shownText(100).optional(),
  /** BCP 47; the language of the sound. */
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'want a BCP 47 tag, such as zh')
    .default('und'),
  /** Secret: never in logs, pages or errors. */
  publishKey: z.string().min(4).max(200),
  /** Larger goes first where transcode workers are short: its class waits less and keeps more of its ladder. */
  priority: z.int().min(1).max(100).default(DEFAULT_PRIORITY),
  /** Both default to the top-level values of the same name. */
  latency: z.enum(LATENCY_PROFILES).optional(),
  ladder: ladder.optional(),
  /** Both default to those of `archive`. */
  keepDays: z.int().min(1).max(36_500).optional(),
  keepGiB: z.number().min(0.001).max(1_048_576).optional(),
});

const httpUrl = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ''));

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

/** Whether a URL has no user, path, query or fragment. */
function isBare(text: string): boolean {
  const { username, password, pathname, search, hash } = new URL(text);
  return `${username}${password}${pathname}${search}${hash}` === '/';
}

const s3 = z
  .strictObject({
    /** `http://host:9000` or `https://host`. */
    endpoint: httpUrl.refine(isBare, 'want http(s)://host:port and nothing more'),
    /** Both are secret: never in logs or errors. */
    accessKey: z.string().min(3).max(256),
    secretKey: z.string().min(8).max(256),
    /** Created when it does not exist. */
    bucket: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9])){1,61}[a-z0-9]$/, 'want 3 to 63 of a-z, 0-9, "-" and "."')
      .default('lectern'),
    /**
     * True: the bucket is named in the path, `https://host/bucket/key`. False: in the host, `https://bucket.host/key`, as Alibaba
     * and others want it. Amazon's own addresses are always used the second way.
     */
    pathStyle: z.boolean().default(true),
    /** Prefix of every name in the bucket, so that several installations can share it: `city/school-7`. */
    prefix: z
      .string()
      .max(200)
      .transform((text) => text.replace(/\/$/, ''))
      .refine((text) => text === '' || isKey(text), 'want a-z, 0-9, ".", "_" and "-" between "/"')
      .default(''),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/, 'want 1 to 40 of a-z, 0-9 and "-"')
      .default('us-east-1'),
  })
  .refine(({ endpoint, pathStyle }) => pathStyle || isIP(hostOf(endpoint)) === 0, {
    path: ['pathStyle'],
    message: 'want true where the endpoint is an IP address: there is no such host as bucket.127.0.0.1',
  })
  .refine(
    ({ endpoint, bucket, pathStyle }) => pathStyle || !bucket.includes('.') || !endpoint.startsWith('https'),
    {
      path: ['pathStyle'],
      message: 'want true where the bucket has a dot: no certificate is valid for a.b.host',
    },
  );

/**
 * What an operator may set. Unknown keys are refused everywhere; every default is defined here and nowhere else.
 */
export const configSchema = z.strictObject({
  http: z
    .strictObject({
      host: z.string().default('0.0.0.0'),
      port: port.default(8080),
      /** `/metrics` and `/ops` on an address of their own; on the main one when left out. */
      adminHost: z.string().optional(),
      adminPort: port.optional(),
      /**
       * Proxies in front of this server whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses, ranges
       * (`10.1.0.0/16`), `loopback`, or `private`, which trusts the peer alone. Limits by address count everybody behind another proxy
       * as one, and do not count requests of one that sends no `X-Forwarded-For`.
       */
      trustedProxies: z
        .array(z.string().refine(isProxyRange, 'want an address, a range, "loopback" or "private"'))
        .default(['loopback']),
      /** Sites that may show the students' pages in a frame: `https://portal.school.example`. The teacher's page never. */
      frameAncestors: z
        .array(
          z
            .string()
            .regex(/^https?:\/\/(\*\.)?[a-z0-9.-]+(:\d{1,5})?$/i, 'want https://host, or https://*.host'),
        )
        .max(50)
        .default([]),
      /** Path that a proxy serves Lectern under, when it passes it on: `/lectern`. */
      basePath: z
        .string()
        .transform((text) => text.replace(/\/+$/, ''))
        .refine((text) => /^(\/[a-z0-9._~-]{1,64}){0,4}$/.test(text), 'want /a-path of a-z, 0-9 and "-"')
        .default(''),
      /** Domain of the cookie with a viewer's token, for a player on another host of it: `school.example`. */
      cookieDomain: z
        .string()
        .regex(/^\.?[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'want a domain, such as school.example')
        .optional(),
      /** An idle connection is closed after this: longer than any proxy in front keeps one, or requests get lost. */
      keepAliveMs: z.int().min(1000).max(3_600_000).default(130_000),
      /** Several processes listen on this port, and the kernel divides the connections among them. Node.js 22.12 or newer. */
      reusePort: z.boolean().default(false),
    })
    .prefault({}),
  rtmp: z
    .strictObject({
      host: z.string().default('0.0.0.0'),
      port: port.default(1935),
      /** Where publishers reach RTMP, for the teacher's page: `rtmp://live.example.org/live`. Left out: the page's own host. */
      publicUrl: z
        .url({ protocol: /^rtmps?$/ })
        .transform((text) => text.replace(/\/+$/, ''))
        .optional(),
      /** A publisher that sends nothing for this time, not even answers to pings, is disconnected. */
      silenceMs: z.int().min(1000).max(600_000).default(60_000),
      /** A second publisher with the right key takes over when the first has sent nothing for this time. */
      takeoverMs: z.int().min(200).max(30_000).default(1000),
      /** A publisher whose media no transcode worker reads for this time gets an error and is disconnected. */
      transcoderWaitMs: z.int().min(1000).max(600_000).default(30_000),
      /** Open connections, including those that are refused. */
      maxConnections: z.int().min(1).max(100_000).default(2000),
    })
    .prefault({}),
  /** Folder of all files: the store, the secret, and the state that survives a restart. */
  dataDir: z.string().min(1).default('./data'),
  /** Recordings are stored in the S3 bucket that is named here, else in the folder `store` of the data folder. */
  store: z.strictObject({ s3: s3.optional() }).prefault({}),
  /** Signs tokens. When left out, it is generated once and stored in the data folder. */
  secret: z.string().min(16).max(512).optional(),
  /** Connects roles that run in several processes; one process with all roles needs no Redis. */
  redisUrl: z.url({ protocol: /^rediss?$/ }).optional(),
  /** The ffmpeg program; looked up on the PATH when left out. */
  ffmpegPath: z.string().min(1).default('ffmpeg'),
  /** Origins that workers push chunks to. Empty: the origin in this process. */
  origins: z.array(httpUrl).max(8).default([]),
  /** Where transcode workers reach this ingest. Left out: this process's own address. */
  ingestUrl: httpUrl.optional(),
  /** Most publications that one transcode worker takes. How many it encodes in full follows from its processor. */
  jobsAtOnce: z.int().min(1).max(256).default(256),
  /** When an origin is full: new viewers are told to come later, and those who watch are not affected. */
  admission: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Full from this lateness of the event loop on, where this process makes it, with 500 connections or more. Milliseconds. */
      lateMs: z.int().min(10).max(10_000).default(100),
      /** Full from so many connections of viewers on. */
      maxConnections: z.int().min(1).max(1_000_000).default(40_000),
    })
    .prefault({}),
  latency: z.enum(LATENCY_PROFILES).default('fast'),
  access: z.enum(['open', 'token']).default('open'),
  /**
   * With `access: token`, an edge in front of every origin checks tokens itself: media may then be stored by shared caches. Else
   * what a token has opened is `private`.
   */
  edgeChecksTokens: z.boolean().default(false),
  ladder: ladder.prefault({}),
  /** The school's time zone, for exports: `Asia/Shanghai`. That of the machine when left out. */
  timeZone: z
    .string()
    .refine(isTimeZone, 'want a time zone of the IANA database, such as Asia/Shanghai or UTC')
    .default(systemTimeZone),
  /** Segments of D = 1.6 s in live playlists. */
  windowSegments: z.int().min(8).max(2000).default(20),
  /** Everything that is on air is stored, for start-over and replay. */
  archive: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Recordings older than this are deleted, days. */
      keepDays: z.int().min(1).max(36_500).default(30),
      /** Largest size of a channel's recordings, GiB, protected ones included; the oldest are deleted first. Left out: no limit. */
      keepGiB: z.number().min(0.001).max(1_048_576).optional(),
      /** How far back `?start=` may go, hours. */
      startOverHours: z.int().min(1).max(24).default(6),
      /** Size of the spool on the local disk, MiB. It fills while the store is down: about 1.6 GB an hour and channel. */
      spoolMiB: z.int().min(16).max(16_777_216).default(20_480),
      /** Downloads at once: of this origin, and of one address, where a whole school may be. */
      downloads: z.int().min(1).max(10_000).default(32),
      downloadsPerAddress: z.int().min(1).max(10_000).default(8),
      /** Memory for stored segments that viewers of recordings request, MiB. */
      cacheMiB: z.int().min(1).max(1_048_576).default(256),
    })
    .prefault({}),
  /** The roll call. */
  rollCall: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** With `access: open`, anyone who gives a name may answer; otherwise a token of the school is required. */
      guests: z.boolean().default(true),
      /** Open connections of one process. */
      maxConnections: z.int().min(1).max(1_000_000).default(20_000),
      /** New connections a second that one process accepts; others get a time at which to retry. */
      acceptPerSecond: z.int().min(1).max(100_000).default(2000),
      /** Calls and answers older than this are deleted, days; attendance is deleted with its broadcast. */
      keepDays: z.int().min(1).max(366).default(7),
    })
    .prefault({}),
  /** Priority by kind of feed: the live feed with the highest priority is on air. */
  feeds: z
    .record(
      z.string().regex(/^(?!slate$)[a-z]{1,16}$/, 'want 1 to 16 of a-z, and not "slate"'),
      z.int().min(1).max(1000),
    )
    .default({ emergency: 100, live: 50, replay: 20 }),
  channels: z
    .array(channel)
    .max(100_000)
    .refine((list) => new Set(list.map((c) => c.id)).size === list.length, 'two channels of one id')
    .default([]),
});

type Parsed = z.output<typeof configSchema>;

/** The ladder of a channel. */
export type Ladder = z.output<typeof ladder>;
/** One rung of a ladder: a video rendition. */
export type Rung = z.output<typeof rung>;

/** A channel with the top-level defaults filled in. */
export type ChannelConfig = Omit<z.output<typeof channel>, 'latency' | 'ladder'> & {
  readonly latency: LatencyProfile;
  readonly ladder: Ladder;
};

/** The whole configuration, checked and complete. */
export type LecternConfig = Omit<Parsed, 'channels' | 'secret'> & {
  readonly channels: readonly ChannelConfig[];
  /** At least 16 characters. */
  readonly secret: string;
};

/** Part target duration by profile, in milliseconds (EXT-X-PART-INF, RFC 8216bis §4.4.3.7). */
export const PART_TARGET_MS: Readonly<Record<LatencyProfile, number>> = {
  fast: 200,
  steady: 400,
  broad: 800,
};

/** The id of a rung's rendition: `720p`. */
export function rungId(height: number): string {
  return `${height}p`;
}
