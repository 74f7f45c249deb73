import { mintToken, type TokenRole } from '../../../shared/token.ts';
import { mintViewerToken } from '../../../shared/viewer-token.ts';
import type { OriginOnStage } from './origin-on-stage.ts';

/** Somebody who asks an origin on the stage. */
export type ViewerOnStage = {
  readonly who: string;
  /** In front of each path. */
  readonly prefix: string;
  readonly headers: Record<string, string>;
  readonly isEditor: boolean;
};

/** One of each kind of viewer of the channel `hall-7`, by every way in which a token travels. */
export async function viewersOf({ config, nowMs }: OriginOnStage): Promise<readonly ViewerOnStage[]> {
  const { secret, access } = config;
  const claimsOf = (role: TokenRole) => {
    const exp = Math.floor(nowMs / 1000) + 3600;
    return { sub: 's', name: 'S', channel: 'hall-7', role, exp };
  };
  const prefix = async (role: TokenRole) =>
    `/t/${(await mintViewerToken(secret, claimsOf(role), 'hall-7', nowMs)).token}`;
  const byHeader = async (who: string, role: TokenRole) => ({
    ...{ who, prefix: '', isEditor: role === 'teacher' },
    headers: { authorization: `Bearer ${await mintToken(secret, claimsOf(role))}` },
  });
  return [
    ...(access === 'open' ? [{ who: 'nobody', prefix: '', headers: {}, isEditor: false }] : []),
    { who: 'a student', prefix: await prefix('student'), headers: {}, isEditor: false },
    await byHeader('a student by header', 'student'),
    await byHeader('an encoder', 'encoder'),
    { who: 'a viewer of an editor', prefix: await prefix('teacher'), headers: {}, isEditor: true },
    await byHeader('a teacher by header', 'teacher'),
  ];
}
