/* old_xgboost.c: a library with the names that XGBoost 2.0 has and those before 2.1 lack: no
 * tracker. It does nothing: tests open it to be told so. */

/* Each returns 0, as a call that went well; none is ever made. */
#define STUB(name)                                                                                 \
  int name(void);                                                                                  \
  int name(void) { return 0; }

STUB(XGBRegisterLogCallback)
STUB(XGDMatrixCreateFromCSR)
STUB(XGDMatrixSetInfoFromInterface)
STUB(XGDMatrixFree)
STUB(XGBoosterCreate)
STUB(XGBoosterFree)
STUB(XGBoosterSetParam)
STUB(XGBoosterUpdateOneIter)
STUB(XGBoosterEvalOneIter)
STUB(XGBoosterPredictFromDMatrix)
STUB(XGBoosterLoadModelFromBuffer)
STUB(XGBoosterSaveModelToBuffer)
STUB(XGBoosterSaveJsonConfig)
STUB(XGBoosterSetAttr)
STUB(XGBoosterGetAttr)
STUB(XGBoosterSlice)
STUB(XGBoosterBoostedRounds)
STUB(XGBoosterGetNumFeature)
STUB(XGCommunicatorInit)
STUB(XGCommunicatorFinalize)

const char *XGBGetLastError(void);
void XGBoostVersion(int *major, int *minor, int *patch);
int XGBuildInfo(const char **json);

const char *XGBGetLastError(void) { return ""; }

void XGBoostVersion(int *major, int *minor, int *patch) {
  *major = 2;
  *minor = 0;
  *patch = 3;
}

int XGBuildInfo(const char **json) {
  *json = "{\"USE_CUDA\":false}";
  return 0;
}
