import { element } from './xml.ts';

/** Schemes of SCTE 214-1 §7.2: captions of CTA-608 and of CTA-708 in the pictures. */
const CEA_608 = 'urn:scte:dash:cc:cea-608:2015';
const CEA_708 = 'urn:scte:dash:cc:cea-708:2015';
/** ISO 639-2 of the languages whose code in BCP 47 is another one; those of classes here. */
const ISO_639_2: Readonly<Record<string, string>> = {
  ...{ ar: 'ara', bo: 'bod', de: 'deu', en: 'eng', es: 'spa', fr: 'fra', hi: 'hin', id: 'ind', it: 'ita' },
  ...{ ja: 'jpn', kk: 'kaz', ko: 'kor', mn: 'mon', ms: 'msa', nl: 'nld', pl: 'pol', pt: 'por', ru: 'rus' },
  ...{ sv: 'swe', th: 'tha', tr: 'tur', ug: 'uig', uk: 'ukr', vi: 'vie', zh: 'zho' },
};

/**
 * Announces the closed captions in the pictures of an AdaptationSet (ISO/IEC 23009-1 §5.8.4.3, SCTE 214-1 §7.2).
 *
 * @param captions services by INSTREAM-ID: `CC1`, `SERVICE1`
 * @param language BCP 47; that of the first service, by custom
 * @returns an element for each kind of captions; none where there are none
 */
export function renderAccessibility(captions: readonly string[], language: string): string[] {
  const main = language.split('-', 1)[0]?.toLowerCase() ?? '';
  const code = main.length === 3 ? main : (ISO_639_2[main] ?? 'und');
  const first = (service: string): string => (service === 'CC1' || service === 'SERVICE1' ? code : 'und');
  const of608 = captions.filter((service) => service.startsWith('CC'));
  const of708 = captions.filter((service) => !service.startsWith('CC'));
  const elements: string[] = [];
  if (of608.length > 0) {
    const value = of608.map((service) => `${service}=${first(service)}`).join(';');
    elements.push(element('Accessibility', { schemeIdUri: CEA_608, value }));
  }
  if (of708.length > 0) {
    const value = of708
      .map((service) => `${service.slice('SERVICE'.length)}=lang:${first(service)}`)
      .join(';');
    elements.push(element('Accessibility', { schemeIdUri: CEA_708, value }));
  }
  return elements;
}
