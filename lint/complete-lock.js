/**
 * Completes package-lock.json: run it after `npm install` (npm run lock).
 *
 * Some packages bring a program for each system as an optional package. Where a registry or mirror does not serve those of
 * other systems, npm leaves them out of the lock, and `npm ci` then refuses the lock, here and everywhere. They are entered
 * with version, os, cpu and libc; each system installs its own and skips the rest.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'aix', 'netbsd', 'openbsd', 'sunos'];
const CPUS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const packages = lock.packages;

/** Where npm would look for a package that another one asks for: beside it, then in each folder above. */
function find(from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (at === '') return null;
  }
}

/** The fields that tell npm where a package fits, read from its name: `binding-linux-x64-musl`. */
function fits(name) {
  const words = name.replace(/^@[^/]*\//, '').split(/[-/]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = CPUS.filter((kind) => words.includes(kind) || (kind === 'arm' && words.some((word) => /^(armv7|gnueabihf|musleabihf)$/.test(word))));
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : words.some((word) => word.startsWith('gnu')) ? ['glibc'] : [];
  return {
    ...(os.length > 0 ? { os } : {}),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(libc.length > 0 && os.includes('linux') ? { libc } : {}),
  };
}

let added = 0;
for (const [path, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (find(path, name) !== null) continue;
    if (!/^\d+\.\d+\.\d+/.test(version)) throw new Error(`${path}: ${name}@${version} is no exact version`);
    packages[`node_modules/${name}`] = { version, ...(dev === true ? { dev } : {}), optional: true, ...fits(name) };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`package-lock.json: ${added} optional packages added\n`);
