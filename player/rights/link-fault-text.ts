import { t } from '../text/language.ts';
import { linkFault, refusedFor } from './link-fault.ts';
import type { Rights } from './rights.ts';

/** Says what is wrong with the link that opened the page, and what to do. */
export function linkFaultText({ own, claims, isDamaged }: Rights): string {
  return t(
    `link.${linkFault({ own, isDamaged, expiresMs: claims.expiresMs }, refusedFor.value, Date.now())}`,
  );
}
