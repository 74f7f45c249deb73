/**
 * The house's own lint rules, as an oxlint plugin: who may import whom, and that every export says what it is.
 *
 * Plain JavaScript, since oxlint loads TypeScript plugins only from Node 22.18 on.
 */
import { dirname, join, relative, sep } from 'node:path';

const EVERYBODY = ['shared', 'config'];

/**
 * Which folders, or single files, a top-level folder may import beside itself. `*` is all of them. Files in other folders,
 * and those at the top such as configuration files, may import anything.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const MAY_IMPORT = {
  shared: [],
  config: ['shared'],
  media: ['shared'],
  ingest: [...EVERYBODY, 'media', 'transcode/job.ts'],
  transcode: [...EVERYBODY, 'media'],
  origin: [...EVERYBODY, 'media'],
  rollcall: EVERYBODY,
  player: [...EVERYBODY, 'rollcall/protocol'],
  cli: ['*'],
  test: ['*'],
  bench: ['*'],
  docs: ['*'],
};

/**
 * Libraries that could be replaced, and the folder whose one file may import them.
 * @type {Readonly<Record<string, string>>}
 */
const ONE_FILE = {
  'node-media-server': 'ingest/rtmp/rtmp-protocol.ts',
  'fluent-ffmpeg': 'transcode/ffmpeg/run-ffmpeg.ts',
  bull: 'transcode/queue/bull-queue.ts',
  minio: 'origin/store/s3-client.ts',
  'csv-stringify': 'rollcall/lesson/write-csv.ts',
  ioredis: 'rollcall/ledger/redis/redis-connection.ts',
};

/** Path of a file below the root, with '/'. */
function below(root, path) {
  return relative(root, path).split(sep).join('/');
}

function isAllowed(from, to) {
  const [fromFolder] = from.split('/');
  const [toFolder] = to.split('/');
  const allowed = MAY_IMPORT[fromFolder];
  if (allowed === undefined || fromFolder === toFolder) return true;
  return allowed.some((entry) => entry === '*' || to === entry || to.startsWith(`${entry}/`) || to === `${entry}.ts`);
}

const imports = {
  create(context) {
    const file = below(context.cwd, context.filename);
    const check = (node, source) => {
      if (source === null || source === undefined || typeof source.value !== 'string') return;
      const wanted = source.value;
      if (wanted.startsWith('.')) {
        const target = below(context.cwd, join(dirname(context.filename), wanted));
        if (!isAllowed(file, target)) {
          context.report({ node, message: `${file.split('/')[0]} may not import ${target} (docs/architecture.md)` });
        }
        if (!/\.(tsx?|json|css|svg)$/.test(wanted)) {
          context.report({ node, message: `'${wanted}': a relative import ends in the file's extension` });
        }
        return;
      }
      const home = Object.keys(ONE_FILE).find((name) => wanted === name || wanted.startsWith(`${name}/`));
      if (home !== undefined && file !== ONE_FILE[home]) {
        context.report({ node, message: `only ${ONE_FILE[home]} may import ${home} (docs/architecture.md)` });
      }
    };
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      TSImportType: (node) => check(node, node.source ?? node.argument),
    };
  },
};

const documented = {
  create(context) {
    // The types of somebody else's library are documented by that library.
    if (context.filename.endsWith('.d.ts')) return {};
    const check = (node) => {
      // `export { a } from` repeats what is documented where it stands.
      if (node.type === 'ExportNamedDeclaration' && node.declaration === null) return;
      const comments = context.sourceCode.getCommentsBefore(node);
      const last = comments[comments.length - 1];
      const text = last?.type === 'Block' && last.value.startsWith('*') ? last.value.replace(/[\s*]/g, '') : '';
      // Overloads share one docstring: it stands before the first of them.
      const before = context.sourceCode.ast.body[context.sourceCode.ast.body.indexOf(node) - 1];
      const name = nameOf(node);
      const overload = name !== undefined && nameOf(before) === name;
      if (text.length < 10 && !overload) {
        context.report({ node, message: `export ${name ?? 'default'}: wants a docstring that says what it is` });
      }
    };
    return { ExportNamedDeclaration: check, ExportDefaultDeclaration: check };
  },
};

function nameOf(node) {
  const declaration = node?.declaration;
  return declaration?.id?.name ?? declaration?.declarations?.[0]?.id?.name;
}

/** Imports that keep to the house's plan, and exports that say what they are. */
export default { meta: { name: 'house' }, rules: { imports, documented } };
