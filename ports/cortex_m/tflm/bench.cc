/* SPDX-License-Identifier: Apache-2.0 */

/* Counts what TensorFlow Lite Micro takes for a model, as ../bench.c counts the compiled network: a
 * line `name count` a figure, and the outputs for the windows of the file windows.bin.
 */

#include <cstdint>
#include <cstdio>
#include <utility>

#include <tensorflow/lite/micro/micro_interpreter.h>
#include <tensorflow/lite/micro/micro_mutable_op_resolver.h>
#include <tensorflow/lite/schema/schema_generated.h>

#include <count.h>
#include <model_tflm.h>

/* of 64 KiB; the interpreter tells how much of it it took */
#define ARENA_BYTES 49152

__asm__(".section .rodata.model, \"a\"\n"
	".balign 16\n"
	".global model_bytes\n"
	"model_bytes:\n"
	".incbin \"" MODEL_TFLITE "\"\n"
	".previous\n");

extern "C" const uint8_t model_bytes[];

namespace
{

constexpr size_t OPERATORS = SP_MODEL_TFLM_OPERATOR_COUNT;

alignas(16) uint8_t arena[ARENA_BYTES];

/* Operators that tell what each of their calls takes; all else is another resolver's. */
class Counting : public tflite::MicroOpResolver
{
      public:
	explicit Counting(const tflite::MicroOpResolver &resolver) : inner(resolver)
	{
	}

	const TFLMRegistration *FindOp(tflite::BuiltinOperator op) const override
	{
		const TFLMRegistration *found = inner.FindOp(op);
		size_t i = 0;

		if (found == nullptr) {
			return nullptr;
		}
		while (originals[i] != nullptr && originals[i] != found) {
			i++;
		}
		originals[i] = found;
		counted[i] = *found;
		counted[i].invoke = invoker(i, std::make_index_sequence<OPERATORS>());
		return &counted[i];
	}

	const TFLMRegistration *FindOp(const char *) const override
	{
		return nullptr;
	}

	tflite::TfLiteBridgeBuiltinParseFunction
	GetOpDataParser(tflite::BuiltinOperator op) const override
	{
		return inner.GetOpDataParser(op);
	}

      private:
	using Invoke = TfLiteStatus (*)(TfLiteContext *, TfLiteNode *);

	template <size_t I> static TfLiteStatus invoke(TfLiteContext *context, TfLiteNode *node)
	{
		const uint32_t start = sp_count_start();
		const TfLiteStatus status = originals[I]->invoke(context, node);

		printf("inference.%u.instructions %lu\n", calls++, sp_count_since(start));
		return status;
	}

	template <size_t... I> static Invoke invoker(size_t i, std::index_sequence<I...>)
	{
		static constexpr Invoke table[] = {invoke<I>...};

		return table[i];
	}

	const tflite::MicroOpResolver &inner;
	static const TFLMRegistration *originals[OPERATORS];
	static TFLMRegistration counted[OPERATORS];
	static unsigned int calls;
};

const TFLMRegistration *Counting::originals[OPERATORS];
TFLMRegistration Counting::counted[OPERATORS];
unsigned int Counting::calls;

/* The next window of the file, as the input; false behind the last one. */
bool read_window(FILE *file, tflite::MicroInterpreter &interpreter)
{
	TfLiteTensor *input = interpreter.input(0);

	return fread(input->data.raw, 1, input->bytes, file) == input->bytes;
}

void invoke(void *interpreter)
{
	if (static_cast<tflite::MicroInterpreter *>(interpreter)->Invoke() != kTfLiteOk) {
		printf("the model does not run\n");
	}
}

void run(tflite::MicroInterpreter &interpreter, FILE *file)
{
	const TfLiteTensor *output = interpreter.output(0);

	for (int window = 0; read_window(file, interpreter); window++) {
		if (window == 0) {
			const uint32_t start = sp_count_start();

			invoke(&interpreter);
			printf("inference.instructions %lu\n", sp_count_since(start));
		} else {
			printf("inference.stack_bytes %lu\n", sp_count_stack(invoke, &interpreter));
		}
		printf("output ");
		for (size_t i = 0; i < output->bytes; i++) {
			printf("%02x", output->data.uint8[i]);
		}
		printf("\n");
	}
}

int measure(const tflite::MicroOpResolver &resolver, FILE *file, bool whole)
{
	tflite::MicroInterpreter interpreter(tflite::GetModel(model_bytes), resolver, arena,
					     sizeof(arena));

	if (interpreter.AllocateTensors() != kTfLiteOk) {
		printf("%u bytes of arena are too few\n", ARENA_BYTES);
		return 1;
	}
	if (whole) {
		run(interpreter, file);
		printf("inference.arena_bytes %u\n", (unsigned int)interpreter.arena_used_bytes());
	} else if (read_window(file, interpreter)) {
		invoke(&interpreter);
	}

	return 0;
}

} /* namespace */

int main()
{
	tflite::MicroMutableOpResolver<OPERATORS> resolver;
	FILE *file = fopen("windows.bin", "rb");
	int ret;

	if (file == nullptr) {
		printf("windows.bin cannot be opened\n");
		return 1;
	}
#define REGISTER(name) resolver.Add##name();
	SP_MODEL_TFLM_OPERATORS(REGISTER)
#undef REGISTER
	ret = measure(resolver, file, true);
	rewind(file);
	if (ret == 0) {
		ret = measure(Counting(resolver), file, false);
	}
	fclose(file);

	return ret;
}
