import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { siteVcl } from '../../../cli/edge/site-vcl.ts';
import { ROOT } from '../../house/source-files.ts';

const TEMPLATE = readFileSync(join(ROOT, 'deploy/edge/site.vcl'), 'utf8');
const SITE = { access: 'token', secret: '$1 $& a "secret"', origins: ['http://127.0.0.1:5001'] } as const;

describe('the settings of an edge', () => {
  it('have access, secret, base path and origins', () => {
    const text = siteVcl(TEMPLATE, {
      ...SITE,
      origins: ['http://127.0.0.1:5001', 'http://[::1]'],
      basePath: '/school',
    });
    assert.match(text, /x-lectern-access = "token"/);
    assert.ok(text.includes('{"$1 $& a "secret""}'));
    assert.ok(text.includes('    set req.url = regsub(req.url, "^/school(?=/|\\?|$)", "");'));
    for (const name of ['origin_1', 'origin_1_unprobed'])
      assert.match(text, new RegExp(`backend ${name} \\{\\n +\\.host = "127.0.0.1";\\n +\\.port = "5001";`));
    for (const name of ['origin_2', 'origin_2_unprobed'])
      assert.match(text, new RegExp(`backend ${name} \\{\\n +\\.host = "::1";\\n +\\.port = "80";`));
  });

  it('have nothing of a second origin where there is one', () => {
    const text = siteVcl(TEMPLATE, SITE);
    assert.doesNotMatch(text, /origin_2/);
    assert.equal(text.match(/^backend /gm)?.length, 2);
    assert.equal(text.match(/add_backend/g)?.length, 2);
  });

  const wrong = [
    { name: 'no origin', site: { ...SITE, origins: [] }, want: /0 origins/ },
    {
      name: 'three origins',
      site: { ...SITE, origins: ['http://a', 'http://b', 'http://c'] },
      want: /3 origins/,
    },
    { name: 'an origin with TLS', site: { ...SITE, origins: ['https://a'] }, want: /https:\/\/a: want http/ },
    { name: 'a secret that ends the text', site: { ...SITE, secret: 'a"}b' }, want: /the secret has "\}/ },
    { name: 'a secret of other letters', site: { ...SITE, secret: '秘密' }, want: /beyond ASCII/ },
  ];
  for (const { name, site, want } of wrong) {
    it(`are refused with ${name}`, () => assert.throws(() => siteVcl(TEMPLATE, site), want));
  }

  it('need a template that has a place for each', () => {
    assert.throws(() => siteVcl('', SITE), /the template of site\.vcl has no/);
  });
});
