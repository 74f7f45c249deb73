import assert from 'node:assert/strict';
import { circlesOf, importGraph } from './import-graph.ts';
import { sources } from './source-files.ts';

// The lint rule import/no-cycle reports most circles at once, but does not follow import().
describe('circles of files', () => {
  it('do not exist, not even of types or of what is loaded later', () => {
    const graph = importGraph(sources(/\.tsx?$/));
    assert.ok([...graph.values()].flat().length > 1000, 'imports are found');
    assert.deepEqual(circlesOf(graph), []);
  });

  const table: readonly {
    readonly name: string;
    readonly files: Readonly<Record<string, string>>;
    readonly want: readonly (readonly string[])[];
  }[] = [
    {
      name: 'two files',
      files: { 'o/a.ts': "import { b } from './b.ts';", 'o/b.ts': "import { a } from './a.ts';" },
      want: [['o/a.ts', 'o/b.ts']],
    },
    {
      name: 'a type and what is loaded later',
      files: {
        'o/a.tsx': "await import('./x/b.ts');",
        'o/x/b.ts': "import type {\n  A,\n} from '../a.tsx';",
      },
      want: [['o/a.tsx', 'o/x/b.ts']],
    },
    {
      name: 'the type of a module',
      files: { 'a.ts': "type B = typeof import('./b.ts');", 'b.ts': "import './a.ts';" },
      want: [['a.ts', 'b.ts']],
    },
    {
      name: 'three files and a re-export, and no file that only leads to them',
      files: {
        'a.ts': "export { b } from './b.ts';",
        'b.ts': "import { c } from './c.ts';",
        'c.ts': "import { a } from './a.ts';\nimport { d } from './d.ts';",
        'd.ts': '',
        'e.ts': "import { a } from './a.ts';",
      },
      want: [['a.ts', 'b.ts', 'c.ts']],
    },
    { name: 'a file that imports itself', files: { 'a.ts': "import('./a.ts');" }, want: [['a.ts']] },
    {
      name: 'none in a diamond',
      files: {
        'a.ts': "import './b.ts';\nimport './c.ts';",
        'b.ts': "import './d.ts';",
        'c.ts': "import './d.ts';",
        'd.ts': '',
      },
      want: [],
    },
    {
      name: 'two that are apart',
      files: {
        'a.ts': "import './b.ts';\nimport './c.ts';",
        'b.ts': "import './a.ts';",
        'c.ts': "import './d.ts';",
        'd.ts': "import './c.ts';",
      },
      want: [
        ['a.ts', 'b.ts'],
        ['c.ts', 'd.ts'],
      ],
    },
  ];
  for (const { name, files, want } of table) {
    it(`are found: ${name}`, () => {
      const made = Object.entries(files).map(([path, text]) => ({ path, text }));
      assert.deepEqual(circlesOf(importGraph(made)), want);
    });
  }
});
