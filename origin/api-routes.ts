import type { ApiRoute } from '../shared/openapi/api-route.ts';
import * as attendance from './http/api/attendance-routes.ts';
import * as broadcasts from './http/api/broadcasts-routes.ts';
import * as channels from './http/api/channels-routes.ts';
import { getOpenApi } from './http/api/document-api.ts';
import * as marks from './http/api/marks-routes.ts';
import * as students from './http/api/student-data-routes.ts';
import { exchangeToken, forgetToken } from './http/api/viewer-token-routes.ts';

/** The origin's part of the HTTP interface, for the OpenAPI document. */
export const ORIGIN_ROUTES: readonly ApiRoute[] = [
  ...[channels.getTime, channels.listChannels, channels.getChannel, channels.listFeeds],
  ...[
    broadcasts.findBroadcasts,
    broadcasts.getBroadcast,
    broadcasts.patchBroadcast,
    broadcasts.removeBroadcast,
  ],
  ...[
    broadcasts.downloadBroadcast,
    broadcasts.getStoryboard,
    broadcasts.getPoster,
    broadcasts.getStoryboardSheet,
  ],
  ...[attendance.getAttendance, attendance.putAttendance],
  ...[students.getStudentAttendances, students.eraseStudentAttendances],
  ...[marks.listMarks, marks.putMark],
  ...[exchangeToken, forgetToken],
  getOpenApi,
];
