-- A database as the first release of the tables left it: three images, answers of two versions, one failed.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE images (
	sha256 VARCHAR(64) NOT NULL, 
	media_type VARCHAR(64) NOT NULL, 
	width_px INTEGER NOT NULL, 
	height_px INTEGER NOT NULL, 
	size_bytes INTEGER NOT NULL, 
	PRIMARY KEY (sha256)
);
INSERT INTO "images" VALUES('77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e','image/jpeg',640,480,3);
INSERT INTO "images" VALUES('cd6357efdd966de8c0cb2f876cc89ec74ce35f0968e11743987084bd42fb8944','image/jpeg',640,480,3);
INSERT INTO "images" VALUES('10f7127b980b0b06ef157749f8a02cca1c606d22642729dcb2d24dbbf2bf30df','image/jpeg',640,480,3);
CREATE TABLE label_sets (
	id INTEGER NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	labels JSON NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (digest)
);
INSERT INTO "label_sets" VALUES(1,'31fe1f128dc5af229bcd82081d19f6b9188841e4e9b967e82f778a7f59bce651','["cat", "dog", "owl"]');
INSERT INTO "label_sets" VALUES(2,'4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945','[]');
CREATE TABLE records (
	sha256 VARCHAR(64) NOT NULL, 
	version_id INTEGER NOT NULL, 
	session_id TEXT NOT NULL, 
	asked_at DATETIME NOT NULL, 
	latency_s FLOAT NOT NULL, 
	label_set_id INTEGER, 
	scores BLOB, 
	failure TEXT, 
	PRIMARY KEY (sha256, version_id), 
	FOREIGN KEY(sha256) REFERENCES images (sha256), 
	FOREIGN KEY(version_id) REFERENCES versions (id), 
	FOREIGN KEY(session_id) REFERENCES sessions (id), 
	FOREIGN KEY(label_set_id) REFERENCES label_sets (id)
);
INSERT INTO "records" VALUES('77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e',1,'birds-000001','2026-11-23 12:00:00.000000',0.125,1,X'0000403F0000003E0000003E',NULL);
INSERT INTO "records" VALUES('cd6357efdd966de8c0cb2f876cc89ec74ce35f0968e11743987084bd42fb8944',1,'birds-000001','2026-11-23 12:00:00.000000',0.125,1,X'0000403F0000003E0000003E',NULL);
INSERT INTO "records" VALUES('10f7127b980b0b06ef157749f8a02cca1c606d22642729dcb2d24dbbf2bf30df',1,'birds-000001','2026-11-23 12:00:00.000000',0.125,1,X'0000403F0000003E0000003E',NULL);
INSERT INTO "records" VALUES('cd6357efdd966de8c0cb2f876cc89ec74ce35f0968e11743987084bd42fb8944',2,'birds-000001','2026-11-23 12:00:00.000000',0.125,1,X'0000803E0000003F0000803E',NULL);
INSERT INTO "records" VALUES('10f7127b980b0b06ef157749f8a02cca1c606d22642729dcb2d24dbbf2bf30df',2,'birds-000001','2026-11-23 12:00:00.000000',0.125,NULL,NULL,'Busy.');
INSERT INTO "records" VALUES('77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e',2,'birds-000001','2026-11-23 12:00:00.000000',0.125,2,X'',NULL);
CREATE TABLE refusals (
	id INTEGER NOT NULL, 
	session_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	refused_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(session_id) REFERENCES sessions (id)
);
INSERT INTO "refusals" VALUES(1,'birds-000001','notes.txt','Not an image.','2026-11-23 12:00:00.000000');
CREATE TABLE session_images (
	place INTEGER NOT NULL, 
	session_id TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	steps JSON NOT NULL, 
	added_at DATETIME NOT NULL, 
	PRIMARY KEY (place), 
	CONSTRAINT session_images_once UNIQUE (session_id, sha256), 
	FOREIGN KEY(session_id) REFERENCES sessions (id), 
	FOREIGN KEY(sha256) REFERENCES images (sha256)
);
INSERT INTO "session_images" VALUES(1,'birds-000001','77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e','cat.jpg','["Turned upright, as the camera noted"]','2026-11-23 12:00:00.000000');
INSERT INTO "session_images" VALUES(2,'birds-000001','cd6357efdd966de8c0cb2f876cc89ec74ce35f0968e11743987084bd42fb8944','dog.jpg','["Turned upright, as the camera noted"]','2026-11-23 12:00:00.000000');
INSERT INTO "session_images" VALUES(3,'birds-000001','10f7127b980b0b06ef157749f8a02cca1c606d22642729dcb2d24dbbf2bf30df','owl.jpg','["Turned upright, as the camera noted"]','2026-11-23 12:00:00.000000');
CREATE TABLE sessions (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	title TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id)
);
INSERT INTO "sessions" VALUES(1,'birds-000001','Birds','2026-11-23 12:00:00.000000');
INSERT INTO "sessions" VALUES(2,'empty-000001','Empty','2026-11-23 13:00:00.000000');
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
CREATE INDEX sessions_by_time ON sessions (created_at, number);
CREATE INDEX refusals_by_session ON refusals (session_id);
CREATE INDEX session_images_in_order ON session_images (session_id, place);
COMMIT;
