import type { ApiRoute } from '../shared/openapi/api-route.ts';
import * as duringClass from './http/class-routes.ts';
import * as exported from './http/exports-routes.ts';
import * as records from './http/records-routes.ts';
import * as students from './http/student-data-routes.ts';

/** The roll call's part of the HTTP interface, for the OpenAPI document. */
export const ROLL_CALL_ROUTES: readonly ApiRoute[] = [
  ...[duringClass.getRollCall, duringClass.becomeGuest, duringClass.followRollCall, duringClass.tellWatched],
  ...[duringClass.openCall, duringClass.getCall, duringClass.changeCall, duringClass.answerCall],
  ...[records.listStudents, records.getRoster, records.putRoster],
  records.previewRoster,
  ...[exported.getLessonAttendance, exported.exportLessonAttendance, exported.exportLessonAttendanceWorkbook],
  ...[exported.exportCalls, exported.exportCallsWorkbook],
  ...[exported.exportAnswers, exported.exportAnswersWorkbook],
  ...[students.exportStudent, students.eraseStudent],
];
