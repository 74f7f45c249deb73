import assert from 'node:assert/strict';
import { levelsOf, readCfsQuota, readCgroupPaths, readCpuMax } from '../../../transcode/capacity/cgroup.ts';
import { readCpuList, usableCores } from '../../../transcode/capacity/usable-cores.ts';

const STATUS = 'Name:\tnode\nCpus_allowed:\tf\nCpus_allowed_list:\t0-3\nMems_allowed_list:\t0\n';

describe('cgroup files', () => {
  const paths = [
    {
      name: 'version 2',
      text: '0::/system.slice/lectern.service\n',
      want: { unified: '/system.slice/lectern.service', cpu: null },
    },
    {
      name: 'version 1, cpu with cpuacct, and an empty tree of version 2',
      text: '9:name=systemd:/\n4:memory:/m\n1:cpu,cpuacct:/docker/abc\n0::/\n',
      want: { unified: '/', cpu: '/docker/abc' },
    },
    {
      name: 'only cpuacct and cpuset',
      text: '3:cpuset:/a\n2:cpuacct:/b\n',
      want: { unified: null, cpu: null },
    },
    { name: 'nothing', text: '', want: { unified: null, cpu: null } },
  ];
  for (const { name, text, want } of paths) {
    it(`/proc/self/cgroup: ${name}`, () => assert.deepEqual(readCgroupPaths(text), want));
  }

  const quotas = [
    { text: '150000 100000\n', want: 1.5 },
    { text: 'max 100000\n', want: null },
    { text: '', want: null },
    { text: '0 100000', want: null },
    { text: '50000', want: null },
    { text: 'a b', want: null },
  ];
  for (const { text, want } of quotas) {
    it(`cpu.max ${JSON.stringify(text)}: ${want}`, () => assert.equal(readCpuMax(text), want));
  }

  const v1 = [
    { quota: '200000\n', period: '100000\n', want: 2 },
    { quota: '-1\n', period: '100000\n', want: null },
    { quota: '', period: '', want: null },
    { quota: '1000', period: '0', want: null },
  ];
  for (const { quota, period, want } of v1) {
    it(`cfs_quota_us ${JSON.stringify(quota)} of ${JSON.stringify(period)}: ${want}`, () =>
      assert.equal(readCfsQuota(quota, period), want));
  }

  it('names every level up to the root', () => {
    assert.deepEqual(levelsOf('/a/b/c'), ['/a/b/c', '/a/b', '/a', '/']);
    assert.deepEqual(levelsOf('/'), ['/']);
    assert.deepEqual(levelsOf('/../../x'), ['/x', '/']);
  });
});

describe('list of processors', () => {
  const lists = [
    { text: '0-3', want: [0, 1, 2, 3] },
    { text: '1\n', want: [1] },
    { text: '0-1,8,10-11', want: [0, 1, 8, 10, 11] },
    { text: '', want: [] },
    { text: '0-', want: [] },
    { text: '5-3', want: [] },
  ];
  for (const { text, want } of lists) {
    it(JSON.stringify(text), () => assert.deepEqual([...readCpuList(text)], want));
  }
});

describe('usable cores', () => {
  const machines: {
    name: string;
    files: Record<string, string>;
    processors: number;
    cores: number;
    limit: string;
  }[] = [
    { name: 'no files at all', files: {}, processors: 8, cores: 8, limit: 'processors' },
    {
      name: 'all processors',
      files: { '/proc/self/status': STATUS },
      processors: 4,
      cores: 4,
      limit: 'processors',
    },
    {
      name: 'some processors',
      files: { '/proc/self/status': STATUS },
      processors: 64,
      cores: 4,
      limit: 'affinity',
    },
    {
      name: 'a quota above it',
      files: {
        '/proc/self/status': STATUS,
        '/proc/self/cgroup': '0::/pod/lectern\n',
        '/sys/fs/cgroup/pod/lectern/cpu.max': 'max 100000\n',
        '/sys/fs/cgroup/pod/cpu.max': '250000 100000\n',
      },
      ...{ processors: 4, cores: 2.5, limit: 'cgroup' },
    },
    {
      name: 'a container that sees its own cgroup as the root',
      files: { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '50000 100000\n' },
      ...{ processors: 4, cores: 0.5, limit: 'cgroup' },
    },
    {
      name: 'version 1 in a container, whose path is not there',
      files: {
        '/proc/self/cgroup': '1:cpu,cpuacct:/docker/abc\n',
        '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '300000\n',
        '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      },
      ...{ processors: 4, cores: 3, limit: 'cgroup' },
    },
    {
      name: 'a quota larger than the machine',
      files: { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '900000 100000\n' },
      ...{ processors: 4, cores: 4, limit: 'processors' },
    },
  ];
  for (const { name, files, processors, cores, limit } of machines) {
    it(name, () => {
      const found = usableCores((path) => files[path] ?? null, processors);
      assert.deepEqual({ cores: found.cores, limit: found.limit }, { cores, limit });
    });
  }

  it('finds some on this machine', () => {
    const { cores } = usableCores();
    assert.ok(cores > 0 && Number.isFinite(cores), String(cores));
  });
});
