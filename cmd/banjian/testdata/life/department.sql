-- 部门审批系统自己的表，和给 banjian 读的视图（SQLite）
-- The department's own tables, and the views that are read (SQLite)
CREATE TABLE bj (slbh TEXT PRIMARY KEY, sblsh TEXT NOT NULL, sxbm TEXT, sxmc TEXT, sqr TEXT, sqrlx TEXT, sqrzjlx TEXT, sqrzjhm TEXT, sqsj TEXT, bllx TEXT);
CREATE TABLE sl (slbh TEXT, lc INTEGER, sljg TEXT, slsj TEXT, slr TEXT, slrgh TEXT, slyj TEXT, yssj TEXT, ysr TEXT, ysrgh TEXT, ysjg TEXT, ysyj TEXT, gxsj TEXT, PRIMARY KEY (slbh, lc));
CREATE TABLE bz (slbh TEXT, bzbh TEXT, gzsj TEXT, gzr TEXT, bzyy TEXT, clmc TEXT, clbm TEXT, bzsx INTEGER, sdsj TEXT, bzjg TEXT, gxsj TEXT, PRIMARY KEY (slbh, bzbh));
CREATE TABLE hj (slbh TEXT, hjbh TEXT, hjdm TEXT, hjmc TEXT, hjzt TEXT, hjjg TEXT, blyj TEXT, blr TEXT, kssj TEXT, jssj TEXT, gxsj TEXT, PRIMARY KEY (slbh, hjbh));
CREATE TABLE tb (slbh TEXT, xh TEXT, zl TEXT, zlmc TEXT, kssj TEXT, pzr TEXT, qdly TEXT, sqnr TEXT, sx INTEGER, jg TEXT, jgsj TEXT, jssj TEXT, sfje TEXT, gxsj TEXT, PRIMARY KEY (slbh, xh));
CREATE TABLE bjjg (slbh TEXT, lc INTEGER, bjjg TEXT, jgms TEXT, bhyy TEXT, bjsj TEXT, spr TEXT, zjmc TEXT, zjbh TEXT, zjyxq TEXT, fzdw TEXT, gxsj TEXT, PRIMARY KEY (slbh, lc));
CREATE TABLE wj (slbh TEXT, wjbh TEXT, zzbm TEXT, zzmc TEXT, wjmc TEXT, wjlx TEXT, wjlj TEXT, gxsj TEXT, PRIMARY KEY (slbh, wjbh));
CREATE VIEW dw AS SELECT '370102' AS xzqh, '历下区' AS xzqhmc, '11440000MB2C70271K' AS tyxydm, '样例审批局' AS bmmc;
CREATE VIEW v_sl AS SELECT bj.*, sl.lc, sl.sljg, sl.slsj, sl.slr, sl.slrgh, sl.slyj, sl.yssj, sl.ysr, sl.ysrgh, sl.ysjg, sl.ysyj, sl.gxsj, dw.* FROM sl JOIN bj USING (slbh), dw;
CREATE VIEW v_bz AS SELECT bj.sblsh, bz.*, dw.* FROM bz JOIN bj USING (slbh), dw;
CREATE VIEW v_hj AS SELECT hj.*, dw.* FROM hj, dw;
CREATE VIEW v_tb AS SELECT tb.*, dw.* FROM tb, dw;
CREATE VIEW v_bj AS SELECT bj.sblsh, bjjg.*, dw.* FROM bjjg JOIN bj USING (slbh), dw;
CREATE VIEW v_wj AS SELECT wj.*, dw.* FROM wj, dw;
