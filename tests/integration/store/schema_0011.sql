-- A database as the release with migration 0011 left it, filled by the code of that release.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0011');
CREATE TABLE api_tokens (
	number INTEGER NOT NULL,
	token_hash VARCHAR(64) NOT NULL,
	note TEXT NOT NULL,
	made_by TEXT NOT NULL,
	made_at DATETIME NOT NULL,
	revoked_at DATETIME,
	used_at DATETIME,
	PRIMARY KEY (number),
	UNIQUE (token_hash)
);
INSERT INTO "api_tokens" VALUES(1,'9ff861fc2855b96efbcc38b59283782ca7ddf92899ac0664c20ad0209fb51b3d','Nightly gate','Ada','2026-11-23 12:24:00.000000',NULL,'2026-11-23 12:25:00.000000');
INSERT INTO "api_tokens" VALUES(2,'3ab1d8c3c1cadc1f86134a5d7e240b8f8f776b671011ec9ea0c8abfac1989fd5','Lost laptop','Bo','2026-11-23 12:26:00.000000','2026-11-23 12:27:00.000000',NULL);
CREATE TABLE audit_events (
	number INTEGER NOT NULL,
	at VARCHAR(40) NOT NULL,
	actor TEXT NOT NULL,
	action VARCHAR(40) NOT NULL,
	session_id TEXT NOT NULL,
	details TEXT NOT NULL,
	previous_hash VARCHAR(64) NOT NULL,
	hash VARCHAR(64) NOT NULL,
	PRIMARY KEY (number)
);
INSERT INTO "audit_events" VALUES(1,'2026-11-23T12:00:00.000000+00:00','ada@example.com','SIGN_IN','','','0000000000000000000000000000000000000000000000000000000000000000','13b391672e83ed896cd7bd2750ac27bee42be0bd5fa8d9d7555cd2e5cdb5f0f9');
INSERT INTO "audit_events" VALUES(2,'2026-11-23T12:40:00.000000+00:00','Ada','CREATE_SESSION','000000000000000001','Birds','13b391672e83ed896cd7bd2750ac27bee42be0bd5fa8d9d7555cd2e5cdb5f0f9','c83935a130e825447357e76e79a1e7eb9f30d3a2d72ca9c64a49ded55833afcf');
INSERT INTO "audit_events" VALUES(3,'2026-11-23T12:41:00.000000+00:00','Ada','PREDICT','000000000000000001','3 images, v1 and v2','c83935a130e825447357e76e79a1e7eb9f30d3a2d72ca9c64a49ded55833afcf','81584dce1a40579833883f905513caf855bf4895244a4c00225428ecc8c7baa0');
INSERT INTO "audit_events" VALUES(4,'2026-11-23T12:42:00.000000+00:00','Ada','ANNOTATE','000000000000000001','“cat”','81584dce1a40579833883f905513caf855bf4895244a4c00225428ecc8c7baa0','54e752b65fa0525ed234f2cb0f75ffa7cd70bf651f3c35a64375321f0c8395a4');
INSERT INTO "audit_events" VALUES(5,'2026-11-23T12:43:00.000000+00:00','Bo','SIGN_OFF','000000000000000001','Done','54e752b65fa0525ed234f2cb0f75ffa7cd70bf651f3c35a64375321f0c8395a4','ca43e9bdd56fd7b55e3fa602a148ad522b02d7ac15b15746964e8fe06d85676d');
INSERT INTO "audit_events" VALUES(6,'2026-11-23T12:44:00.000000+00:00','Ada','CREATE_LINK','000000000000000001','for 7 days','ca43e9bdd56fd7b55e3fa602a148ad522b02d7ac15b15746964e8fe06d85676d','52a68336a386ff865c2e7f5b0bc47fa67fb1a266b73ed283fc1a877c8be83adb');
INSERT INTO "audit_events" VALUES(7,'2026-11-23T12:50:00.000000+00:00','Vera','REFUSED','000000000000000001','Deleted session: needs the role admin','52a68336a386ff865c2e7f5b0bc47fa67fb1a266b73ed283fc1a877c8be83adb','56c5557c0841e534d8a1b1fb88647ad8ca2ef9dd10ee443b945cda1f99c52b1d');
CREATE TABLE audit_refusals (
	actor TEXT NOT NULL,
	action VARCHAR(40) NOT NULL,
	session_id TEXT NOT NULL,
	first_at DATETIME NOT NULL,
	last_at DATETIME NOT NULL,
	repeats INTEGER NOT NULL,
	PRIMARY KEY (actor, action)
);
INSERT INTO "audit_refusals" VALUES('Vera','DELETE_SESSION','000000000000000001','2026-11-23 12:50:00.000000','2026-11-23 12:52:00.000000',2);
CREATE TABLE ended_sign_ins (
	sign_in VARCHAR(64) NOT NULL,
	at DATETIME NOT NULL,
	PRIMARY KEY (sign_in)
);
INSERT INTO "ended_sign_ins" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','2026-11-23 12:55:00.000000');
CREATE TABLE images (
	sha256 VARCHAR(64) NOT NULL,
	media_type VARCHAR(64) NOT NULL,
	width_px INTEGER NOT NULL,
	height_px INTEGER NOT NULL,
	size_bytes INTEGER NOT NULL, look VARCHAR(16),
	PRIMARY KEY (sha256)
);
INSERT INTO "images" VALUES('77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e','image/jpeg',640,480,3,'f0f0f0f0f0f0f0f0');
INSERT INTO "images" VALUES('cd6357efdd966de8c0cb2f876cc89ec74ce35f0968e11743987084bd42fb8944','image/jpeg',640,480,3,'0000000000000001');
INSERT INTO "images" VALUES('10f7127b980b0b06ef157749f8a02cca1c606d22642729dcb2d24dbbf2bf30df','image/jpeg',640,480,3,NULL);
CREATE TABLE label_sets (
	id INTEGER NOT NULL,
	digest VARCHAR(64) NOT NULL,
	labels JSON NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (digest)
);
INSERT INTO "label_sets" VALUES(1,'31fe1f128dc5af229bcd82081d19f6b9188841e4e9b967e82f778a7f59bce651','["cat", "dog", "owl"]');
CREATE TABLE matrix_cells (
	session_id TEXT NOT NULL,
	place INTEGER NOT NULL,
	version_id INTEGER NOT NULL,
	top_label TEXT,
	top_score FLOAT,
	margin FLOAT,
	latency_s FLOAT NOT NULL,
	PRIMARY KEY (session_id, place, version_id),
	FOREIGN KEY(session_id) REFERENCES sessions (id),
	FOREIGN KEY(place) REFERENCES session_images (place),
	FOREIGN KEY(version_id) REFERENCES versions (id)
)
 WITHOUT ROWID

;
INSERT INTO "matrix_cells" VALUES('000000000000000001',1,1,'cat',0.75,0.625,0.125);
INSERT INTO "matrix_cells" VALUES('000000000000000001',1,2,'cat',0.5,0.25,0.125);
INSERT INTO "matrix_cells" VALUES('000000000000000001',2,1,'cat',0.75,0.5,0.125);
INSERT INTO "matrix_cells" VALUES('000000000000000001',2,2,'dog',0.5,0.25,0.125);
INSERT INTO "matrix_cells" VALUES('000000000000000001',3,1,'cat',0.5,0.25,0.125);
INSERT INTO "matrix_cells" VALUES('000000000000000001',3,2,NULL,NULL,NULL,0.125);
INSERT INTO "matrix_cells" VALUES('000000000000000002',4,3,'dog',0.75,0.625,0.125);
CREATE TABLE matrix_rows (
	session_id TEXT NOT NULL,
	place INTEGER NOT NULL,
	truth TEXT,
	labels TEXT,
	answers INTEGER NOT NULL,
	failures INTEGER NOT NULL,
	differs BOOLEAN NOT NULL,
	is_wrong BOOLEAN NOT NULL,
	lowest_score FLOAT,
	lowest_margin FLOAT,
	change FLOAT,
	slowest_s FLOAT,
	PRIMARY KEY (session_id, place),
	FOREIGN KEY(session_id) REFERENCES sessions (id),
	FOREIGN KEY(place) REFERENCES session_images (place)
)
 WITHOUT ROWID

;
INSERT INTO "matrix_rows" VALUES('000000000000000001',1,'cat','cat
cat
cat',2,0,0,0,0.5,0.25,0.25,0.125);
INSERT INTO "matrix_rows" VALUES('000000000000000001',2,'dog','cat
dog
dog',2,0,1,1,0.5,0.25,0.75,0.125);
INSERT INTO "matrix_rows" VALUES('000000000000000001',3,NULL,'cat
',1,1,0,0,0.5,0.25,0.0,0.125);
INSERT INTO "matrix_rows" VALUES('000000000000000002',4,NULL,'dog
',1,0,0,0,0.75,0.625,0.0,0.125);
CREATE TABLE recorded_sign_ins (
	sign_in VARCHAR(64) NOT NULL,
	at DATETIME NOT NULL,
	PRIMARY KEY (sign_in)
);
INSERT INTO "recorded_sign_ins" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','2026-11-23 12:00:00.000000');
CREATE TABLE records (
	sha256 VARCHAR(64) NOT NULL,
	version_id INTEGER NOT NULL,
	session_id TEXT NOT NULL,
	asked_at DATETIME NOT NULL,
	latency_s FLOAT NOT NULL,
	label_set_id INTEGER,
	scores BLOB,
	failure TEXT, top_label TEXT, top_score FLOAT, margin FLOAT, total FLOAT, squares FLOAT, cut BOOLEAN DEFAULT 0 NOT NULL,
	PRIMARY KEY (sha256, version_id),
	FOREIGN KEY(sha256) REFERENCES images (sha256),
	FOREIGN KEY(version_id) REFERENCES versions (id),
	FOREIGN KEY(session_id) REFERENCES sessions (id),
	FOREIGN KEY(label_set_id) REFERENCES label_sets (id)
);
INSERT INTO "records" VALUES('77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e',1,'000000000000000001','2026-11-23 12:03:00.000000',0.125,1,X'0000403F0000003E0000003E',NULL,'cat',0.75,0.625,1.0,0.59375,0);
INSERT INTO "records" VALUES('77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e',2,'000000000000000001','2026-11-23 12:04:00.000000',0.125,1,X'0000003F0000803E0000803E',NULL,'cat',0.5,0.25,1.0,0.375,0);
INSERT INTO "records" VALUES('cd6357efdd966de8c0cb2f876cc89ec74ce35f0968e11743987084bd42fb8944',1,'000000000000000001','2026-11-23 12:03:00.000000',0.125,1,X'0000403F0000803E00000000',NULL,'cat',0.75,0.5,1.0,0.625,0);
INSERT INTO "records" VALUES('cd6357efdd966de8c0cb2f876cc89ec74ce35f0968e11743987084bd42fb8944',2,'000000000000000001','2026-11-23 12:04:00.000000',0.125,1,X'0000803E0000003F0000803E',NULL,'dog',0.5,0.25,1.0,0.375,1);
INSERT INTO "records" VALUES('10f7127b980b0b06ef157749f8a02cca1c606d22642729dcb2d24dbbf2bf30df',1,'000000000000000001','2026-11-23 12:03:00.000000',0.125,1,X'0000003F0000803E0000803E',NULL,'cat',0.5,0.25,1.0,0.375,0);
INSERT INTO "records" VALUES('10f7127b980b0b06ef157749f8a02cca1c606d22642729dcb2d24dbbf2bf30df',2,'000000000000000001','2026-11-23 12:04:00.000000',0.125,NULL,NULL,'Busy.',NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "records" VALUES('77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e',3,'000000000000000002','2026-11-23 12:05:00.000000',0.125,1,X'0000003E0000403F0000003E',NULL,'dog',0.75,0.625,1.0,0.59375,0);
CREATE TABLE refusals (
	id INTEGER NOT NULL,
	session_id TEXT NOT NULL,
	name TEXT NOT NULL,
	reason TEXT NOT NULL,
	refused_at DATETIME NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(session_id) REFERENCES sessions (id)
);
INSERT INTO "refusals" VALUES(1,'000000000000000001','notes.txt','Not an image.','2026-11-23 12:00:00.000000');
CREATE TABLE reviews (
	session_id TEXT NOT NULL,
	rule VARCHAR(16) NOT NULL,
	blind BOOLEAN NOT NULL,
	status VARCHAR(16) NOT NULL,
	seed INTEGER NOT NULL,
	note TEXT NOT NULL,
	signed_off_by TEXT NOT NULL,
	signed_off_at DATETIME,
	PRIMARY KEY (session_id),
	FOREIGN KEY(session_id) REFERENCES sessions (id)
);
INSERT INTO "reviews" VALUES('000000000000000001','MAJORITY',1,'IN_REVIEW',7,'Twice each','',NULL);
INSERT INTO "reviews" VALUES('000000000000000002','SETTLED',0,'DONE',1,'Done','Bo','2026-11-23 12:18:00.000000');
CREATE TABLE session_asked (
	session_id TEXT NOT NULL,
	version_id INTEGER NOT NULL,
	asked_at DATETIME NOT NULL,
	PRIMARY KEY (session_id, version_id),
	FOREIGN KEY(session_id) REFERENCES sessions (id),
	FOREIGN KEY(version_id) REFERENCES versions (id)
);
INSERT INTO "session_asked" VALUES('000000000000000001',1,'2026-11-23 12:00:00.000000');
INSERT INTO "session_asked" VALUES('000000000000000001',2,'2026-11-23 12:00:00.000000');
INSERT INTO "session_asked" VALUES('000000000000000002',3,'2026-11-23 12:05:00.000000');
CREATE TABLE session_images (
	place INTEGER NOT NULL,
	session_id TEXT NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	name TEXT NOT NULL,
	steps JSON NOT NULL,
	added_at DATETIME NOT NULL, truth TEXT, truth_by TEXT, truth_at DATETIME,
	PRIMARY KEY (place),
	CONSTRAINT session_images_once UNIQUE (session_id, sha256),
	FOREIGN KEY(session_id) REFERENCES sessions (id),
	FOREIGN KEY(sha256) REFERENCES images (sha256)
);
INSERT INTO "session_images" VALUES(1,'000000000000000001','77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e','cat.jpg','["Turned upright, as the camera noted"]','2026-11-23 12:00:00.000000','cat','Ada','2026-11-23 12:10:00.000000');
INSERT INTO "session_images" VALUES(2,'000000000000000001','cd6357efdd966de8c0cb2f876cc89ec74ce35f0968e11743987084bd42fb8944','dog.jpg','["Turned upright, as the camera noted"]','2026-11-23 12:00:00.000000','dog','Cleo','2026-11-23 12:15:00.000000');
INSERT INTO "session_images" VALUES(3,'000000000000000001','10f7127b980b0b06ef157749f8a02cca1c606d22642729dcb2d24dbbf2bf30df','owl.jpg','["Turned upright, as the camera noted"]','2026-11-23 12:00:00.000000',NULL,'Ada','2026-11-23 12:14:00.000000');
INSERT INTO "session_images" VALUES(4,'000000000000000002','77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e','cat.jpg','["Turned upright, as the camera noted"]','2026-11-23 12:01:00.000000',NULL,'Bo','2026-11-23 12:16:00.000000');
CREATE TABLE session_versions (
	session_id TEXT NOT NULL,
	version_id INTEGER NOT NULL,
	predictions INTEGER NOT NULL,
	failures INTEGER NOT NULL,
	PRIMARY KEY (session_id, version_id),
	FOREIGN KEY(session_id) REFERENCES sessions (id),
	FOREIGN KEY(version_id) REFERENCES versions (id)
);
INSERT INTO "session_versions" VALUES('000000000000000001',1,3,0);
INSERT INTO "session_versions" VALUES('000000000000000001',2,2,1);
INSERT INTO "session_versions" VALUES('000000000000000002',3,1,0);
CREATE TABLE sessions (
	number INTEGER NOT NULL,
	id TEXT NOT NULL,
	title TEXT NOT NULL,
	created_at DATETIME NOT NULL, created_by TEXT DEFAULT '' NOT NULL, archived_at DATETIME, revision INTEGER DEFAULT '0' NOT NULL, summed_up_at_revision INTEGER DEFAULT '-1' NOT NULL, image_count INTEGER DEFAULT '0' NOT NULL, version_count INTEGER DEFAULT '0' NOT NULL, compared INTEGER DEFAULT '0' NOT NULL, agreeing INTEGER DEFAULT '0' NOT NULL, reviewed INTEGER DEFAULT '0' NOT NULL,
	PRIMARY KEY (number),
	UNIQUE (id)
);
INSERT INTO "sessions" VALUES(1,'000000000000000001','Birds','2026-11-23 12:00:00.000000','Ada',NULL,18,18,3,2,2,1,2);
INSERT INTO "sessions" VALUES(2,'000000000000000002','Signed off','2026-11-23 12:01:00.000000','Bo',NULL,5,5,1,1,0,0,0);
INSERT INTO "sessions" VALUES(3,'000000000000000003','Archived','2026-11-23 12:02:00.000000','','2026-11-23 12:06:00.000000',0,-1,0,0,0,0,0);
CREATE TABLE shares (
	number INTEGER NOT NULL,
	token_hash VARCHAR(64) NOT NULL,
	session_id TEXT NOT NULL,
	note TEXT NOT NULL,
	made_by TEXT NOT NULL,
	made_at DATETIME NOT NULL,
	expires_at DATETIME,
	revoked_at DATETIME,
	opened INTEGER DEFAULT '0' NOT NULL,
	opened_at DATETIME,
	PRIMARY KEY (number),
	UNIQUE (token_hash),
	FOREIGN KEY(session_id) REFERENCES sessions (id)
);
INSERT INTO "shares" VALUES(1,'5c912eca85f1e88daf5eaf1bfc94427c0a070476d0d7e26b24af41e616963473','000000000000000001','For Dora','Ada','2026-11-23 12:20:00.000000','2026-11-30 12:20:00.000000',NULL,1,'2026-11-23 12:23:00.000000');
INSERT INTO "shares" VALUES(2,'2c9cc3e7c5eeee7ac05bc42aa0764b0155e6b55bc4078cb6ba1d980ed40a5d1b','000000000000000001','Old link','Ada','2026-11-23 12:21:00.000000',NULL,'2026-11-23 12:22:00.000000',0,NULL);
CREATE TABLE trials (
	session_id TEXT NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	version_id INTEGER NOT NULL,
	alteration TEXT NOT NULL,
	asked_at DATETIME NOT NULL,
	latency_s FLOAT NOT NULL,
	label_set_id INTEGER,
	scores BLOB,
	failure TEXT,
	PRIMARY KEY (session_id, sha256, version_id, alteration),
	FOREIGN KEY(session_id) REFERENCES sessions (id),
	FOREIGN KEY(sha256) REFERENCES images (sha256),
	FOREIGN KEY(version_id) REFERENCES versions (id),
	FOREIGN KEY(label_set_id) REFERENCES label_sets (id)
);
INSERT INTO "trials" VALUES('000000000000000001','77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e',1,'rotate:5','2026-11-23 12:30:00.000000',0.25,1,X'0000003F0000803E0000803E',NULL);
INSERT INTO "trials" VALUES('000000000000000001','77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e',1,'blur:2','2026-11-23 12:30:00.000000',0.25,NULL,NULL,'Busy.');
CREATE TABLE verdict_readings (
	session_id TEXT NOT NULL,
	baseline_id INTEGER NOT NULL,
	candidate_id INTEGER NOT NULL,
	labelled INTEGER NOT NULL,
	p FLOAT NOT NULL,
	read_at DATETIME NOT NULL,
	PRIMARY KEY (session_id, baseline_id, candidate_id, labelled),
	FOREIGN KEY(baseline_id) REFERENCES versions (id),
	FOREIGN KEY(candidate_id) REFERENCES versions (id)
);
INSERT INTO "verdict_readings" VALUES('000000000000000001',1,2,1,0.5,'2026-11-23 12:31:00.000000');
INSERT INTO "verdict_readings" VALUES('000000000000000001',1,2,2,0.25,'2026-11-23 12:32:00.000000');
INSERT INTO "verdict_readings" VALUES('',1,2,2,0.125,'2026-11-23 12:33:00.000000');
CREATE TABLE verdicts (
	id INTEGER NOT NULL,
	session_id TEXT NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	reviewer TEXT NOT NULL,
	judgement VARCHAR(16) NOT NULL,
	label TEXT,
	made_at DATETIME NOT NULL,
	note TEXT NOT NULL,
	shown JSON NOT NULL,
	settles BOOLEAN NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(session_id) REFERENCES sessions (id),
	FOREIGN KEY(sha256) REFERENCES images (sha256)
);
INSERT INTO "verdicts" VALUES(1,'000000000000000001','77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e','Ada','CORRECT','cat','2026-11-23 12:10:00.000000','Whiskers: “yes”','["v1: cat 0.75", "v2: cat 0.50"]',0);
INSERT INTO "verdicts" VALUES(2,'000000000000000001','cd6357efdd966de8c0cb2f876cc89ec74ce35f0968e11743987084bd42fb8944','Ada','WRONG','dog','2026-11-23 12:11:00.000000','','[]',0);
INSERT INTO "verdicts" VALUES(3,'000000000000000001','cd6357efdd966de8c0cb2f876cc89ec74ce35f0968e11743987084bd42fb8944','Bo','UNSURE',NULL,'2026-11-23 12:12:00.000000','Blurred','[]',0);
INSERT INTO "verdicts" VALUES(4,'000000000000000001','10f7127b980b0b06ef157749f8a02cca1c606d22642729dcb2d24dbbf2bf30df','Ada','WRONG','owl','2026-11-23 12:13:00.000000','','[]',0);
INSERT INTO "verdicts" VALUES(5,'000000000000000001','10f7127b980b0b06ef157749f8a02cca1c606d22642729dcb2d24dbbf2bf30df','Ada','WITHDRAWN',NULL,'2026-11-23 12:14:00.000000','','[]',0);
INSERT INTO "verdicts" VALUES(6,'000000000000000001','cd6357efdd966de8c0cb2f876cc89ec74ce35f0968e11743987084bd42fb8944','Cleo','CORRECT','dog','2026-11-23 12:15:00.000000','','[]',1);
INSERT INTO "verdicts" VALUES(7,'000000000000000002','77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e','Bo','CORRECT','cat','2026-11-23 12:16:00.000000','','[]',0);
CREATE TABLE versions (
	id INTEGER NOT NULL,
	service TEXT NOT NULL,
	model_name TEXT NOT NULL,
	etag TEXT NOT NULL,
	family TEXT NOT NULL,
	version TEXT NOT NULL,
	PRIMARY KEY (id),
	CONSTRAINT versions_once UNIQUE (service, model_name, etag)
);
INSERT INTO "versions" VALUES(1,'built-in','projects/p/locations/eu/models/ICNv1','1','birds','v1');
INSERT INTO "versions" VALUES(2,'built-in','projects/p/locations/eu/models/ICNv2','1','birds','v2');
INSERT INTO "versions" VALUES(3,'vertex','projects/p/locations/eu/models/ICNp1','1','parts','p1');
CREATE INDEX sessions_by_time ON sessions (created_at, number);
CREATE INDEX refusals_by_session ON refusals (session_id);
CREATE INDEX session_images_in_order ON session_images (session_id, place);
CREATE INDEX session_images_by_image ON session_images (sha256);
CREATE INDEX verdicts_of_image ON verdicts (session_id, sha256, id);
CREATE INDEX matrix_cells_by_place ON matrix_cells (place);
CREATE INDEX matrix_rows_by_place ON matrix_rows (place);
CREATE INDEX records_cut ON records (version_id) WHERE cut;
CREATE INDEX shares_of_session ON shares (session_id, number);
COMMIT;
