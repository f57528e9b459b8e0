/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>

#include <zephyr/logging/log.h>
#include <zephyr/toolchain.h>

#include <tensorflow/lite/micro/arena_allocator/single_arena_buffer_allocator.h>
#include <tensorflow/lite/micro/memory_planner/greedy_memory_planner.h>
#include <tensorflow/lite/micro/micro_interpreter.h>
#include <tensorflow/lite/micro/micro_mutable_op_resolver.h>
#include <tensorflow/lite/schema/schema_generated.h>

#include <model.h>
#include <model_tflm.h>

#include "engine.h"

LOG_MODULE_REGISTER(tflm, CONFIG_SOUNDPOST_APP_LOG_LEVEL);

/* What the interpreter needs: 0 where nobody has measured it. Its own structs are larger where
 * pointers have 64 bits.
 */
#if defined(CONFIG_64BIT)
#define MEASURED_BYTES 0
#elif !defined(CONFIG_TENSORFLOW_LITE_MICRO_CMSIS_NN_KERNELS)
#define MEASURED_BYTES SP_MODEL_TFLM_ARENA_REFERENCE
#elif defined(__ARM_FEATURE_DSP)
#define MEASURED_BYTES SP_MODEL_TFLM_ARENA_CMSIS_NN_DSP
#else
#define MEASURED_BYTES SP_MODEL_TFLM_ARENA_CMSIS_NN
#endif

#if CONFIG_SOUNDPOST_TFLM_ARENA_BYTES > 0
#define ARENA_BYTES CONFIG_SOUNDPOST_TFLM_ARENA_BYTES
#elif MEASURED_BYTES > 0
#define ARENA_BYTES MEASURED_BYTES
#else
#error "nobody has measured the arena of this model and build: set SOUNDPOST_TFLM_ARENA_BYTES"
#endif

/* Alignment that the interpreter wants of its memory and of the model. */
#define ALIGNMENT 16

namespace
{

__aligned(ALIGNMENT) const uint8_t model_bytes[] = {
#include <soundpost/model.tflite.inc>
};

__aligned(ALIGNMENT) uint8_t arena[ROUND_UP(ARENA_BYTES, ALIGNMENT)];

tflite::MicroMutableOpResolver<SP_MODEL_TFLM_OPERATOR_COUNT> resolver;
tflite::GreedyMemoryPlanner planner;
/* in memory of its own, since it begins only with engine_init() and never ends */
alignas(tflite::MicroInterpreter) uint8_t interpreter_bytes[sizeof(tflite::MicroInterpreter)];

int register_operators()
{
	int failed = 0;

#define REGISTER(name) failed |= resolver.Add##name();
	SP_MODEL_TFLM_OPERATORS(REGISTER)
#undef REGISTER

	return failed == kTfLiteOk ? 0 : -EINVAL;
}

int score(const struct sp_engine *engine, const int8_t *columns, uint16_t first, uint16_t fresh)
{
	auto *interpreter = static_cast<tflite::MicroInterpreter *>(engine->context);

	ARG_UNUSED(fresh);
	sp_model_input(engine->model, columns, first, interpreter->input(0)->data.int8);

	return interpreter->Invoke() == kTfLiteOk ? 0 : -EIO;
}

bool is_int8(const TfLiteTensor *tensor)
{
	return tensor != nullptr && tensor->type == kTfLiteInt8;
}

} /* namespace */

int engine_init(struct sp_engine *engine)
{
	const tflite::Model *model = tflite::GetModel(model_bytes);
	int ret;

	if (model->version() != TFLITE_SCHEMA_VERSION) {
		LOG_ERR("The model is of schema %u, not %u", (unsigned int)model->version(),
			TFLITE_SCHEMA_VERSION);
		return -EINVAL;
	}
	ret = register_operators();
	if (ret < 0) {
		LOG_ERR("Could not register the operators (%d)", ret);
		return ret;
	}

	auto *memory = tflite::SingleArenaBufferAllocator::Create(arena, sizeof(arena));
	auto *allocator = tflite::MicroAllocator::Create(memory, &planner);
	auto *interpreter =
		new (interpreter_bytes) tflite::MicroInterpreter(model, resolver, allocator);

	if (interpreter->AllocateTensors() != kTfLiteOk) {
		LOG_ERR("%u bytes of arena are too few: %u were measured",
			(unsigned int)sizeof(arena), MEASURED_BYTES);
		return -ENOMEM;
	}
	LOG_INF("Arena: %u of %u bytes", (unsigned int)interpreter->arena_used_bytes(),
		(unsigned int)sizeof(arena));
	if (!is_int8(interpreter->input(0)) || !is_int8(interpreter->output(0))) {
		LOG_ERR("Input and output must be int8");
		return -EINVAL;
	}

	*engine = (struct sp_engine){
		.score = score,
		.model = &sp_model,
		.context = interpreter,
		.input_bytes = (uint32_t)interpreter->input(0)->bytes,
		.output = interpreter->output(0)->data.int8,
		.output_bytes = (uint32_t)interpreter->output(0)->bytes,
		/* tensors come first; what is kept between inferences lies at the end */
		.scratch = arena,
		.scratch_bytes = (uint32_t)memory->GetNonPersistentUsedBytes(),
	};

	return 0;
}

const char *engine_name(void)
{
	return "tflm";
}
