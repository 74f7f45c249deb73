/**
 * What a column of a class list is for. `id` to `serial` number the students; {@link ID_TIERS} tells which of them is taken where
 * there are several.
 */
export const COLUMN_KINDS = [
  'id',
  'register',
  'number',
  'login',
  'document',
  'email',
  'serial',
  'name',
  'otherName',
  'family',
  'given',
  'middle',
  'group',
  'grade',
  'onRoster',
] as const;
/** One of {@link COLUMN_KINDS}. */
export type ColumnKind = (typeof COLUMN_KINDS)[number];

/** Kinds of columns that number students, best first, in tiers: those of a later tier only where there is none of an earlier one. */
export const ID_TIERS: readonly (readonly ColumnKind[])[] = [
  ['id', 'register', 'number', 'login', 'email'],
  ['document'],
  ['serial'],
];

/**
 * Headings that schools and their systems write, in the form of {@link headingKey}: Chinese, English, Japanese, Korean, German,
 * French, Spanish, Portuguese, Italian, Polish, Czech, Russian and Vietnamese; Moodle, Canvas, Google Classroom, our own exports.
 */
const WORDS: Readonly<Record<ColumnKind, string>> = {
  id: `学号 學號 学生学号 學生學號 学生编号 學生編號 学生号 学员编号 学员号 studentid studentno studentnumber studentnum studentcode
    idnumber studentidnumber sisuserid sisid schoolid pupilid pupilno pupilnumber learnerid sub 学生番号 生徒番号 学籍番号 학번 학생번호
    schülernummer schuelernummer matrikelnummer numéroétudiant numerodelestudiante matrícula matricula numeroalbumu номерученика mãhọcsinh
    mãsinhviên mssv`,
  register: `学籍号 學籍號 全国学籍号 学籍辅号 学籍主号 国网学籍号 upn registrationnumber admissionnumber admissionno enrollmentnumber`,
  number: `id number no num nr nummer número numero 编号 編號 号码 號碼 code externalid rollno rollnumber номер číslo numer`,
  login: `username login loginid sisloginid userid user account accountname benutzername anmeldename identifiant usuario 用户名 用戶名 账号 帐号
    帳號 登录名 登录账号 логин`,
  document:
    '身份证号 身份证号码 身份证 身份证件号 证件号码 证件号 身分證字號 考号 准考证号 考生号 candidatenumber candidateno',
  email: `email emailaddress mail eposta emailadresse correo correoelectrónico courriel 邮箱 郵箱 电子邮箱 电子邮件 電子郵件 电邮 メールアドレス
    이메일 электроннаяпочта`,
  serial: `序号 序號 序 顺序号 流水号 行号 项次 項次 座号 座號 座位号 sn serial serialno serialnumber sno slno index row rownumber line 番号 出席番号
    번호 순번 lfdnr lfd ord lp пп stt`,
  name: `姓名 学生姓名 學生姓名 学员姓名 考生姓名 名字 学生名字 学生 學生 学员 中文姓名 中文名 真实姓名 name fullname legalname officialname realname student students studentname pupil
    pupilname learner learnername displayname namefull 氏名 名前 生徒氏名 生徒名 学生氏名 이름 성명 학생이름 학생명 schüler schueler schülername
    schuelername vollständigername élève eleve nomcomplet nometprénom nomprénom nombrecompleto nombreyapellidos apellidosynombre alumno
    alumna estudiante nomecompleto aluno alunno imięinazwisko nazwiskoiimię jménoapříjmení фио фамилияимя имяифамилия ученик họvàtên họtên`,
  otherName: '英文名 英文姓名 englishname nickname 昵称 暱稱 preferredname alias',
  family: `姓 姓氏 lastname surname familyname last family nachname familienname nom nomdefamille apellido apellidos cognome sobrenome
    apelido nazwisko příjmení фамилия 성 họ`,
  given: `名 firstname givenname givennames forename forenames first given vorname rufname prénom prenom nombre nombres nome primeironome
    imię jméno имя tên`,
  middle: 'middlename middle middlenames middleinitial отчество 中间名 tênđệm',
  group: `class classname classes group groups groupname section sections form homeroom tutorgroup klasse gruppe classe groupe clase grupo curso
    turma klasa třída класс группа 班级 班級 班 班别 班級名稱 行政班 行政班级 所在班级 所在班 教学班 班级名称 组 組 小组 小組 分组 组别 クラス 学級 学级 반
    학급 lớp`,
  grade:
    '年级 年級 所在年级 grade gradelevel yeargroup year yearlevel jahrgang klassenstufe niveau 学年 학년 параллель khối',
  onRoster: 'onroster onlist onclasslist 在名单上',
};

const KINDS = new Map<string, ColumnKind>(
  COLUMN_KINDS.flatMap((kind) =>
    WORDS[kind]
      .trim()
      .split(/\s+/)
      .map((word): [string, ColumnKind] => [word.normalize('NFC'), kind]),
  ),
);

/** Marks around a heading, and what forms write behind it. */
const MARKS = /[\s*★☆※✱●○◆◇■□#:;,.、。!?"'`“”‘’_\-–—/\\<>=+~|^]+/gu;
const BRACKETS =
  /\([^()]*\)|\[[^[\]]*\]|\{[^{}]*\}|【[^【】]*】|〔[^〔〕]*〕|〖[^〖〗]*〗|「[^「」]*」|<[^<>]*>/gu;
const REQUIRED = /(?:必填|必选|必選|必需|选填|選填|required|optional|mandatory|pflichtfeld)+$/u;

/** The form in which headings are compared: `*学 号（必填）：` as `学号`. */
export function headingKey(heading: string): string {
  const folded = heading
    .normalize('NFKC')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
    .normalize('NFC');
  const bare = folded.replaceAll(BRACKETS, '').replaceAll(MARKS, '');
  const key = bare === '' ? folded.replaceAll(/[()[\]{}【】〔〕〖〗「」]/gu, '').replaceAll(MARKS, '') : bare;
  return key.replace(REQUIRED, '').replace(/^\d+(?=\D)/u, '');
}

/** What a heading says that its column is for; null for what is not known. Headings in two languages are known by either. */
export function kindOfHeading(heading: string): ColumnKind | null {
  // No heading is longer; a cell may be.
  if (heading.length > 60) return null;
  // "Student #", "ID#", "№".
  const numbered = heading.includes('#') ? KINDS.get(headingKey(heading.replaceAll('#', ' no '))) : undefined;
  const whole = numbered ?? KINDS.get(headingKey(heading));
  if (whole !== undefined) return whole;
  const parts = [
    ...heading.split(/[/|\n\r（(]+/u),
    heading.replaceAll(/[^\p{Script=Han}]+/gu, ''),
    heading.replaceAll(/\p{Script=Han}+/gu, ' '),
  ];
  for (const part of parts) {
    const kind = KINDS.get(headingKey(part));
    if (kind !== undefined && part !== heading) return kind;
  }
  return null;
}
